using System.Text;
using System.Text.Json;
using Eventide.Contracts;
using Eventide.Operations.Domain;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Operations.Messages;

/// <summary>Keeps the bytes of a dead letter as they are. It never refuses one: what it cannot keep now is delivered again until it can.</summary>
internal sealed class KeepDeadLetter(DeadLetters letters, ShopShape shape) : ITopicObserver
{
    // About the transport of this one delivery, not about the message.
    private static readonly HashSet<string> Transport = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Encoding", "Connection", "Content-Length", "Content-Type", "Dapr-Api-Token", "Host", "Traceparent", "Tracestate", "Transfer-Encoding",
        "User-Agent",
    };

    public Task ObserveAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var (app, topic) = shape.DeadLetterTopics[delivery.Topic];
        var headers = delivery.Headers.Where(header => !Transport.Contains(header.Key)).ToDictionary();
        return letters.KeepAsync(app, topic, Bytes(delivery.Envelope), headers, cancellationToken);
    }

    /// <summary>A sidecar that does not know rawPayload passes the message on as it is; then its text is what there is.</summary>
    private static byte[] Bytes(JsonElement wrapper) =>
        wrapper.ValueKind == JsonValueKind.Object && wrapper.TryGetProperty("data_base64", out var data) && data.TryGetBytesFromBase64(out var bytes)
            ? bytes
            : Encoding.UTF8.GetBytes(wrapper.GetRawText());
}
