using System.Diagnostics;
using System.Text.Json.Nodes;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.BuildingBlocks.Metadata;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resiliency;
using Eventide.Sidecar.Tracing;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Publish and subscribe: every operation once, for both API surfaces. Thread-safe.</summary>
internal sealed partial class PubSubBlock(
    ComponentRegistry<IPubSub> components, SubscriptionSource source, TopicDelivery delivery, IAppChannel app, IResiliencyPolicies policies,
    SidecarOptions options, TimeProvider time, ILogger<PubSubBlock> log) : IBuildingBlock, IMetadataContributor
{
    private readonly Dictionary<string, TopicScopes> _scopes = new(StringComparer.Ordinal);
    private readonly List<IAsyncDisposable> _running = [];
    private IReadOnlyList<TopicSubscription> _subscriptions = [];

    /// <inheritdoc/>
    public async Task InitializeAsync(CancellationToken cancellationToken)
    {
        await components.OpenAsync("pubsub.", (component, token) => component.InitializeAsync(token), cancellationToken);
        foreach (var (_, definition) in components.All)
        {
            _scopes[definition.Name] = new TopicScopes(definition.Metadata, options.AppId);
        }
    }

    /// <inheritdoc/>
    public async Task AppReadyAsync(CancellationToken cancellationToken)
    {
        if (!app.Exists)
        {
            return;
        }

        _subscriptions = await source.CollectAsync(cancellationToken);
        foreach (var subscription in _subscriptions)
        {
            if (components.Find(subscription.PubSub) is not { } component)
            {
                UnknownPubSub(subscription.Topic, subscription.PubSub);
                continue;
            }

            if (!_scopes[subscription.PubSub].MaySubscribe(subscription.Topic))
            {
                Denied(subscription.Topic, options.AppId);
                continue;
            }

            var consumer = components.All.First(entry => entry.Definition.Name == subscription.PubSub).Definition.Metadata.Text("consumerID") ?? options.AppId;
            _running.Add(await component.SubscribeAsync(
                new SubscribeRequest(subscription.Topic, consumer, subscription.Metadata),
                (message, token) => delivery.DeliverAsync(subscription, component, message, token),
                cancellationToken));
        }
    }

    /// <inheritdoc/>
    public async Task AppUnreadyAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_running.Select(subscription => subscription.DisposeAsync().AsTask()));
        _running.Clear();
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        foreach (var (component, _) in components.All)
        {
            await component.DisposeAsync();
        }
    }

    /// <summary>Publishes one message; completes when the broker has it.</summary>
    public async Task PublishAsync(
        string pubsub, string topic, ReadOnlyMemory<byte> data, string? contentType, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var component = components.Find(pubsub) ?? throw PubSubErrors.NotFound(pubsub);
        if (topic.Length == 0)
        {
            throw PubSubErrors.EmptyTopic(pubsub);
        }

        if (!_scopes[pubsub].MayPublish(topic))
        {
            throw PubSubErrors.Forbidden(pubsub, topic, options.AppId);
        }

        var type = string.IsNullOrEmpty(contentType) ? "text/plain" : contentType;
        var raw = metadata.TryGetValue("rawPayload", out var flag) && flag is "true" or "1";
        var body = raw ? data : CloudEventEnvelope.Build(
            options.AppId, pubsub, topic, data, type, metadata, SidecarTracing.TraceParent, Activity.Current?.TraceStateString, time,
            component.Features.HasFlag(PubSubFeatures.MessageTtl));
        try
        {
            var message = new PubSubMessage(topic, body, raw ? type : CloudEventEnvelope.ContentType, metadata);
            await policies.ForComponentOutbound(pubsub, ComponentKind.Pubsub)
                .ExecuteAsync(static async (call, token) => await call.component.PublishAsync(call.message, token), (component, message), cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            throw PubSubErrors.PublishFailed(pubsub, topic, failure);
        }
    }

    /// <inheritdoc/>
    public void Describe(JsonObject metadata) => metadata["subscriptions"] = new JsonArray([.. _subscriptions.Select(subscription => (JsonNode?)new JsonObject
    {
        ["pubsubname"] = subscription.PubSub,
        ["topic"] = subscription.Topic,
        ["deadLetterTopic"] = subscription.DeadLetterTopic ?? "",
        ["rules"] = new JsonArray([.. subscription.Routes.Select(route => (JsonNode?)new JsonObject { ["match"] = route.Match?.Text ?? "", ["path"] = route.Path })]),
        ["type"] = subscription.Programmatic ? "PROGRAMMATIC" : "DECLARATIVE",
    })]);

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscription to {Topic}: there is no pub/sub component {PubSub} for this app")]
    private partial void UnknownPubSub(string topic, string pubSub);

    [LoggerMessage(Level = LogLevel.Error, Message = "Subscription to {Topic} is not allowed for app id {AppId} by the component's scopes")]
    private partial void Denied(string topic, string appId);
}
