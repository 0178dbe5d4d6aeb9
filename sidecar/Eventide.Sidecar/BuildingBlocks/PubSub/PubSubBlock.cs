using System.Text.Json.Nodes;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.BuildingBlocks.Metadata;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tracing;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Publish and subscribe as part of the sidecar's life: opens components, and runs the app's subscriptions while the app is healthy.</summary>
internal sealed partial class PubSubBlock(
    PubSubComponents components, SubscriptionSource source, SubscriptionRunner runner, StreamSubscriptions streams, IAppChannel app, SidecarTracing tracing,
    SidecarOptions options, ILogger<PubSubBlock> log) : IBuildingBlock, IMetadataContributor
{
    private readonly ISubscriber _subscriber = app.IsGrpc ? new GrpcSubscriber(app, tracing) : new HttpSubscriber(app, tracing);
    private readonly List<IAsyncDisposable> _running = [];
    private CancellationTokenSource _abandoned = new();
    private IReadOnlyList<TopicSubscription> _subscriptions = [];

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => components.OpenAsync(cancellationToken);

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
            if (await runner.StartAsync(subscription, _subscriber, _abandoned.Token, cancellationToken) is { } running)
            {
                _running.Add(running);
            }
        }
    }

    /// <inheritdoc/>
    public async Task AppUnreadyAsync(CancellationToken cancellationToken)
    {
        var draining = Task.WhenAll(_running.Select(subscription => subscription.DisposeAsync().AsTask()));
        _running.Clear();
        try
        {
            // By the wall clock: an app that hangs does so in real time, whatever clock a test has set. And to the end: a stop in the middle of a pause must
            // not close the broker under deliveries that are still being acknowledged.
            await draining.WaitAsync(options.GracefulShutdown, TimeProvider.System, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            Abandoned(options.AppId, options.GracefulShutdown);
            await _abandoned.CancelAsync();
            await draining;
            _abandoned.Dispose();
            _abandoned = new CancellationTokenSource();
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await streams.StopAsync();
        await components.CloseAsync();
        _abandoned.Dispose();
    }

    /// <inheritdoc/>
    public void Describe(JsonObject metadata) => metadata["subscriptions"] = new JsonArray([.. _subscriptions.Concat(streams.Running).Select(subscription => (JsonNode?)new JsonObject
    {
        ["pubsubname"] = subscription.PubSub,
        ["topic"] = subscription.Topic,
        ["metadata"] = new JsonObject(subscription.Metadata.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        ["deadLetterTopic"] = subscription.DeadLetterTopic ?? "",
        ["rules"] = new JsonArray([.. subscription.Routes.Select(route => (JsonNode?)new JsonObject { ["match"] = route.Match?.Text ?? "", ["path"] = route.Path })]),
        ["type"] = subscription.Kind,
    })]);

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "App {AppId} did not answer its deliveries within {Limit}; they are cut off and the broker delivers those messages again")]
    private partial void Abandoned(string appId, TimeSpan limit);
}
