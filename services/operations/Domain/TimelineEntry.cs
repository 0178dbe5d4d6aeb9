using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Operations.Domain;

/// <summary>One event of an order, as it was first seen here.</summary>
/// <param name="Time">When its publisher says that it happened. Shown, never used to sort.</param>
/// <param name="CausationId">The event that it answers; null when it answers none.</param>
/// <param name="OrderVersion">The version that a fact led to; null for requests and replies.</param>
/// <param name="Data">What it says, without the means of payment.</param>
internal sealed record TimelineEntry(
    string Id, string Type, string Topic, string OrderId, string Source, DateTimeOffset? Time, string? CausationId, int? OrderVersion, string? TraceId,
    DateTimeOffset ReceivedAt, JsonElement Data)
{
    private const string PaymentToken = "paymentToken";
    private const int TraceIdLength = 32;

    public static string Key(string orderId, string eventId) => $"operations/timeline/{orderId}/{eventId}";

    /// <summary>Reads an event of the order path; null for a type that no order causes.</summary>
    /// <exception cref="UnprocessableMessageException">Its id is not the one that follows from its order and type, so nobody would ever find it.</exception>
    public static TimelineEntry? Of(Delivery delivery, DateTimeOffset now)
    {
        if (OrderFlow.Find(delivery.Type) is not { } flow)
        {
            return null;
        }

        var envelope = delivery.Envelope;
        var orderId = delivery.Data.ValueKind == JsonValueKind.Object && Text(delivery.Data, "orderId") is { Length: > 0 } id
            ? id
            : throw new UnprocessableMessageException("the event names no order");
        var version = flow.IsFact ? Number(delivery.Data, "orderVersion") : null;
        var expected = flow.IsFact ? OrderIds.Fact(orderId, version ?? 0) : OrderIds.Event(orderId, delivery.Type);
        return delivery.EventId == expected
            ? new TimelineEntry(
                delivery.EventId, delivery.Type, delivery.Topic, orderId, Text(envelope, "source") ?? "", Instant(Text(envelope, "time")),
                Text(envelope, "causationid"), version, TraceOf(envelope), now, WithoutPaymentToken(delivery.Data))
            : throw new UnprocessableMessageException($"the event id is {delivery.EventId}, but from its order and type follows {expected}");
    }

    /// <summary>A text of the data.</summary>
    public string? DataText(string name) => Text(Data, name);

    private static string? TraceOf(JsonElement envelope) =>
        (Text(envelope, "traceparent") ?? Text(envelope, "traceid")) is { } parent
            ? parent.Split('-') is [_, { Length: TraceIdLength } trace, ..] ? trace : parent.Length == TraceIdLength ? parent : null
            : null;

    private static JsonElement WithoutPaymentToken(JsonElement data)
    {
        if (!data.TryGetProperty(PaymentToken, out _))
        {
            return data.Clone();
        }

        var copy = JsonObject.Create(data)!;
        copy.Remove(PaymentToken);
        return JsonSerializer.SerializeToElement(copy);
    }

    private static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static int? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
}
