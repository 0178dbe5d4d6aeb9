using System.Text.Json;
using Dapr.Client;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Operations.Tests.Support;

/// <summary>Publishes events as the shop's services do, and anything else as nobody should.</summary>
internal sealed class Publisher(DaprClient dapr)
{
    private const string TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static readonly Dictionary<string, string> Raw = new() { ["rawPayload"] = "true" };

    public Task PublishAsync<T>(T message, string? causationId = null) where T : IOrderEvent
    {
        var envelope = new Dictionary<string, object?>
        {
            ["specversion"] = "1.0",
            ["id"] = OrderIds.Event(message),
            ["source"] = "test",
            ["type"] = T.Type,
            ["subject"] = message.OrderId,
            ["time"] = DateTimeOffset.UtcNow,
            ["datacontenttype"] = "application/json",
            ["partitionkey"] = message.OrderId,
            ["causationid"] = causationId,
            ["traceid"] = TraceParent,
            ["traceparent"] = TraceParent,
            ["data"] = message,
        };
        return dapr.PublishByteEventAsync(
            Topics.PubSub, T.Topic, JsonSerializer.SerializeToUtf8Bytes(envelope, EventHandlingExtensions.Json), "application/cloudevents+json",
            new Dictionary<string, string> { ["partitionKey"] = message.OrderId }, TestContext.Current.CancellationToken);
    }

    /// <summary>Puts bytes on a topic as they are.</summary>
    public Task PublishBytesAsync(string topic, byte[] bytes) =>
        dapr.PublishByteEventAsync(Topics.PubSub, topic, bytes, "application/octet-stream", Raw, TestContext.Current.CancellationToken);
}
