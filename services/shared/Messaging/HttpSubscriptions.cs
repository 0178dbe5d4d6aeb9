using System.Text.Json;
using Dapr;
using Dapr.AspNetCore;
using Eventide.Contracts;
using Eventide.ServiceDefaults.SignIn;
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

    // Observers get everything that happens. A bulk is not larger than the workers of any broker here (Redis has 10), otherwise each waits out its time.
    private const int ObservedBulk = 10;
    private const int BulkWaitMs = 20;

    /// <summary>
    /// Maps one subscription per topic with a typed route per event type, or one for all when the topic comes in bulks. The default route acknowledges what no rule matches: without one, Dapr dead-letters every
    /// type that is new on the topic.
    /// </summary>
    public static void MapHttpSubscriptions(this WebApplication app)
    {
        var dispatcher = app.Services.GetRequiredService<EventDispatcher>();
        var service = app.Services.GetRequiredService<ServiceIdentity>();
        var bulks = app.Services.GetServices<BulkRegistration>().ToDictionary(bulk => bulk.Topic, bulk => bulk.Largest);
        foreach (var (topic, types) in dispatcher.Subscriptions)
        {
            var deadLetterTopic = Topics.DeadLetter(service.AppId, topic);
            if (bulks.TryGetValue(topic, out var largest))
            {
                MapBulk(app, dispatcher, app.Services.GetRequiredService<OwnDeadLetters>(), topic, deadLetterTopic, largest);
                continue;
            }

            foreach (var (index, type) in types.Index())
            {
                Map(app, dispatcher, $"/events/{topic}/{type}", topic, deadLetterTopic, $"event.type == \"{type}\"", index + 1);
            }

            Map(app, dispatcher, $"/events/{topic}", topic, deadLetterTopic, match: null, priority: 0);
        }

        foreach (var (topic, isRaw) in dispatcher.ObservedTopics.Where(observed => dispatcher.Subscriptions.All(handled => handled.Topic != observed.Topic)))
        {
            if (isRaw)
            {
                // Bytes have no dead-letter topic: they may be dead letters themselves.
                Map(app, dispatcher, $"/events/{topic}", topic, deadLetterTopic: null, match: null, priority: 0, isRaw: true);
            }
            else
            {
                MapBulk(app, dispatcher, app.Services.GetRequiredService<OwnDeadLetters>(), topic, Topics.DeadLetter(service.AppId, topic), ObservedBulk);
            }
        }

        app.MapSubscribeHandler().RequireSidecar();
    }

    private static void Map(
        WebApplication app, EventDispatcher dispatcher, string path, string topic, string? deadLetterTopic, string? match, int priority, bool isRaw = false) =>
        app.MapPost(path, async (HttpContext context) =>
        {
            var status = await ReceiveAsync(context, topic, isRaw, dispatcher);
            return Results.Json(new { status = status.ToString().ToUpperInvariant() });
        }).WithTopic(new TopicOptions
        {
            PubsubName = Topics.PubSub,
            Name = topic,
            DeadLetterTopic = deadLetterTopic,
            Match = match,
            Priority = priority,
            EnableRawPayload = isRaw,
        }).WithMetadata(new EventSizeLimit()).RequireSidecar();

    private static void MapBulk(WebApplication app, EventDispatcher dispatcher, OwnDeadLetters deadLetters, string topic, string deadLetterTopic, int largest) =>
        app.MapPost($"/events/{topic}", async (HttpContext context) =>
        {
            using var bulk = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var entries = bulk.RootElement.GetProperty("entries").EnumerateArray().ToList();
            var deliveries = entries.ConvertAll(entry => Delivery.Of(topic, entry.GetProperty("event")));
            var statuses = await dispatcher.DispatchManyAsync(topic, deliveries, context.RequestAborted);
            return Results.Json(new
            {
                statuses = await Task.WhenAll(entries.Zip(statuses, async (entry, status) => new
                {
                    entryId = entry.GetProperty("entryId").GetString(),
                    status = await IsSettledAsync(entry.GetProperty("event"), status, topic, deadLetters, context.RequestAborted) ? "SUCCESS" : "RETRY",
                })),
            });
        }).WithTopic(new TopicOptions { PubsubName = Topics.PubSub, Name = topic, DeadLetterTopic = deadLetterTopic })
        .WithBulkSubscribe(new BulkSubscribeTopicOptions { TopicName = topic, MaxMessagesCount = largest, MaxAwaitDurationMs = BulkWaitMs })
        .WithMetadata(new EventSizeLimit(largest)).RequireSidecar();

    /// <summary>True when the sidecar has nothing left to do for it. A bulk waits for all of its entries, so one that nobody can handle must not be tried for ever.</summary>
    private static async ValueTask<bool> IsSettledAsync(
        JsonElement entry, DeliveryStatus status, string topic, OwnDeadLetters deadLetters, CancellationToken cancellationToken) => status switch
        {
            DeliveryStatus.Success => true,
            DeliveryStatus.Drop => await deadLetters.TrySendAsync(topic, entry, cancellationToken),
            _ => false,
        };

    private static async Task<DeliveryStatus> ReceiveAsync(HttpContext context, string topic, bool isRaw, EventDispatcher dispatcher)
    {
        try
        {
            using var envelope = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            var delivery = isRaw
                ? Delivery.OfBytes(topic, envelope.RootElement, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()))
                : Delivery.Of(topic, envelope.RootElement);
            var status = await dispatcher.DispatchAsync(delivery, context.RequestAborted);

            // Bytes have nowhere to be dropped to.
            return isRaw && status == DeliveryStatus.Drop ? DeliveryStatus.Retry : status;
        }
        catch (JsonException)
        {
            return isRaw ? DeliveryStatus.Retry : DeliveryStatus.Drop;
        }
    }

    private sealed class EventSizeLimit(int events = 1) : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => events * MaxEventBytes;
    }
}
