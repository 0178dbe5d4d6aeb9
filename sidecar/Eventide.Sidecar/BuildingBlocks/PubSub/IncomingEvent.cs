using System.Globalization;
using System.Text.Json;
using Eventide.Sidecar.Components.PubSub;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>A message on its way to the app, with its envelope read. Dispose it when the app has answered.</summary>
internal sealed class IncomingEvent : IDisposable
{
    // One more level than a publisher may nest, for the envelope itself, and room for what other publishers wrote.
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 128 };

    private readonly JsonDocument _document;

    private IncomingEvent(PubSubMessage message, ReadOnlyMemory<byte> body)
    {
        (Message, Body) = (message, body);
        _document = JsonDocument.Parse(body, Options);
        if (_document.RootElement.ValueKind != JsonValueKind.Object)
        {
            _document.Dispose();
            throw new JsonException("the message is not a CloudEvent: it is no JSON object");
        }
    }

    /// <summary>As the broker gave it.</summary>
    public PubSubMessage Message { get; }

    /// <summary>The CloudEvent as JSON: the message's own bytes, or an envelope around a raw payload.</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary><see cref="Body"/>, parsed.</summary>
    public JsonElement Envelope => _document.RootElement;

    /// <summary>Reads the message the way the subscription wants it. Throws <see cref="JsonException"/> when it is no CloudEvent.</summary>
    public static IncomingEvent Read(TopicSubscription subscription, PubSubMessage message) => new(
        message, subscription.HasRawPayload ? CloudEventEnvelope.WrapRaw(subscription.PubSub, subscription.Topic, message.Data) : message.Data);

    /// <summary>An attribute of the envelope if it is a text.</summary>
    public string? Text(string name) =>
        Envelope.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>Whether its time to live is over; brokers that keep it themselves leave no such attribute.</summary>
    public bool IsExpired(DateTimeOffset now) => Text("expiration") is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expiration) && expiration < now;

    /// <summary>The first route that matches, or null. Throws <see cref="Expressions.CelException"/> when a condition has no value.</summary>
    public Route? Route(TopicSubscription subscription)
    {
        foreach (var route in subscription.Routes)
        {
            if (route.Match is null || route.Match.Matches(Envelope))
            {
                return route;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => _document.Dispose();
}
