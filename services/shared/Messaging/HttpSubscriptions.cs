using System.Text.Json;
using Dapr;
using Eventide.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>The subscriptions of a service whose sidecar speaks HTTP to it: every one is built here, so that none lacks a dead-letter topic or a default route.</summary>
public static class HttpSubscriptions
{
    // A CloudEvent is larger than any request that a customer may send; this is the sidecar's own limit.
    private const long MaxEventBytes = 4 * 1024 * 1024;

    /// <summary>
    /// Maps one subscription per topic with a typed route per event type. The default route acknowledges what no rule matches: without one, Dapr dead-letters every
    /// type that is new on the topic.
    /// </summary>
    public static void MapHttpSubscriptions(this WebApplication app)
    {
        var dispatcher = app.Services.GetRequiredService<EventDispatcher>();
        var service = app.Services.GetRequiredService<ServiceIdentity>();
        foreach (var (topic, types) in dispatcher.Subscriptions)
        {
            var deadLetterTopic = Topics.DeadLetter(service.AppId, topic);
            foreach (var (index, type) in types.Index())
            {
                Map(app, dispatcher, $"/events/{topic}/{type}", topic, deadLetterTopic, $"event.type == \"{type}\"", index + 1);
            }

            Map(app, dispatcher, $"/events/{topic}", topic, deadLetterTopic, match: null, priority: 0);
        }

        foreach (var (topic, isRaw) in dispatcher.ObservedTopics.Where(observed => dispatcher.Subscriptions.All(handled => handled.Topic != observed.Topic)))
        {
            // Bytes have no dead-letter topic: they may be dead letters themselves.
            Map(app, dispatcher, $"/events/{topic}", topic, isRaw ? null : Topics.DeadLetter(service.AppId, topic), match: null, priority: 0, isRaw);
        }

        app.MapSubscribeHandler();
    }

    private static void Map(
        WebApplication app, EventDispatcher dispatcher, string path, string topic, string? deadLetterTopic, string? match, int priority, bool isRaw = false) =>
        app.MapPost(path, async (HttpContext context) =>
        {
            var status = await ReceiveAsync(context, topic, isRaw, dispatcher);
            return Results.Json(new { status = status.ToString().ToUpperInvariant() });
        }).WithTopic(new TopicOptions
        {
            PubsubName = Topics.PubSub, Name = topic, DeadLetterTopic = deadLetterTopic, Match = match, Priority = priority, EnableRawPayload = isRaw,
        }).WithMetadata(new EventSizeLimit());

    private static async Task<DeliveryStatus> ReceiveAsync(HttpContext context, string topic, bool isRaw, EventDispatcher dispatcher)
    {
        try
        {
            using var envelope = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var delivery = isRaw
                ? Delivery.OfBytes(topic, envelope.RootElement, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()))
                : Delivery.Of(topic, envelope.RootElement);
            return await dispatcher.DispatchAsync(delivery, context.RequestAborted);
        }
        catch (JsonException)
        {
            return DeliveryStatus.Drop;
        }
    }

    private sealed class EventSizeLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => MaxEventBytes;
    }
}
