using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.Tracing;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Delivers to an app that speaks HTTP (Dapr: pkg/runtime/subscription/postman/http).</summary>
internal sealed class HttpSubscriber(IAppChannel app, SidecarTracing tracing) : ISubscriber
{
    private static readonly MediaTypeHeaderValue CloudEvents = new(CloudEventEnvelope.ContentType);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <inheritdoc/>
    public async Task<DeliveryResult> DeliverAsync(TopicSubscription subscription, Route route, IncomingEvent message, CancellationToken cancellationToken)
    {
        using var request = Request(route.Path, message.Body, CloudEvents, subscription);
        foreach (var (name, value) in message.Message.Metadata)
        {
            if (!name.StartsWith("content-", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var span = tracing.BeginDelivery(subscription.PubSub, subscription.Topic, message.Text("traceparent"));
        if (SidecarTracing.Of(span) is { } parent)
        {
            request.Headers.TryAddWithoutValidation("traceparent", parent);
        }

        using var response = await SendAsync(request, cancellationToken);
        return response is null ? DeliveryResult.Dropped : Status(await BodyAsync(response, cancellationToken)) switch
        {
            null or "" or "SUCCESS" => DeliveryResult.Done,
            "DROP" => DeliveryResult.Dropped,
            "RETRY" => throw new DeliveryException("the app answered RETRY"),
            var status => throw new DeliveryException($"the app answered the unknown status {status}"),
        };
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BulkStatus>> DeliverManyAsync(
        TopicSubscription subscription, string path, IReadOnlyList<(string EntryId, IncomingEvent Message)> messages, CancellationToken cancellationToken)
    {
        using var request = Request(path, Envelope(subscription, messages), Json, subscription);
        using var response = await SendAsync(request, cancellationToken);
        if (response is null)
        {
            return [.. messages.Select(_ => BulkStatus.Drop)];
        }

        var statuses = Statuses(await BodyAsync(response, cancellationToken));
        return [.. messages.Select(message => statuses.GetValueOrDefault(message.EntryId) switch
        {
            "SUCCESS" => BulkStatus.Success,
            "DROP" => BulkStatus.Drop,
            _ => BulkStatus.Retry,
        })];
    }

    private static HttpRequestMessage Request(string path, ReadOnlyMemory<byte> body, MediaTypeHeaderValue type, TopicSubscription subscription)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path.StartsWith('/') ? path : "/" + path, UriKind.Relative))
        {
            Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = type } },
        };
        request.Headers.TryAddWithoutValidation("pubsubName", subscription.PubSub);
        return request;
    }

    /// <summary>The answer; null when the app has no such path, which drops the message.</summary>
    private async Task<HttpResponseMessage?> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await app.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new DeliveryException($"the app cannot be reached: {failure.Message}", failure);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            return (int)response.StatusCode == 404
                ? null
                : throw new DeliveryException($"the app answered {(int)response.StatusCode} on {request.RequestUri!.AbsolutePath}") { HttpStatus = (int)response.StatusCode };
        }
    }

    private static async Task<byte[]> BodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadAsByteArrayAsync(cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new DeliveryException($"the app's answer broke off: {failure.Message}", failure);
        }
    }

    private static string? Status(byte[] body)
    {
        if (body.Length == 0)
        {
            return null;
        }

        try
        {
            using var answer = JsonDocument.Parse(body);
            return answer.RootElement.ValueKind == JsonValueKind.Object && answer.RootElement.TryGetProperty("status", out var status)
                && status.ValueKind == JsonValueKind.String ? status.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Dictionary<string, string> Statuses(byte[] body)
    {
        var statuses = new Dictionary<string, string>(StringComparer.Ordinal);
        try
        {
            using var answer = JsonDocument.Parse(body);
            foreach (var entry in answer.RootElement.GetProperty("statuses").EnumerateArray())
            {
                statuses[entry.GetProperty("entryId").GetString()!] = entry.TryGetProperty("status", out var status) ? status.GetString() ?? "" : "";
            }

            return statuses;
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new DeliveryException("the app's answer to a bulk has no list \"statuses\" with \"entryId\" and \"status\"", failure);
        }
    }

    private static ReadOnlyMemory<byte> Envelope(TopicSubscription subscription, IReadOnlyList<(string EntryId, IncomingEvent Message)> messages)
    {
        var buffer = new ArrayBufferWriter<byte>(messages.Sum(message => message.Message.Body.Length + 256));
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("id", Guid.NewGuid());
        json.WriteStartArray("entries");
        foreach (var (entryId, message) in messages)
        {
            json.WriteStartObject();
            json.WriteString("entryId", entryId);
            if (subscription.HasRawPayload)
            {
                json.WriteBase64String("event", message.Message.Data.Span);
            }
            else
            {
                json.WritePropertyName("event");
                json.WriteRawValue(message.Body.Span, skipInputValidation: true);
            }

            json.WriteStartObject("metadata");
            foreach (var (name, value) in message.Message.Metadata)
            {
                json.WriteString(name, value);
            }

            json.WriteEndObject();
            json.WriteString("contentType", subscription.HasRawPayload ? message.Message.ContentType ?? "application/octet-stream" : CloudEventEnvelope.ContentType);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteString("topic", subscription.Topic);
        json.WriteString("pubsubname", subscription.PubSub);
        json.WriteString("type", "com.dapr.event.sent.bulk");
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
