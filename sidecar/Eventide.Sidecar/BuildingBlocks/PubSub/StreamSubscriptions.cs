using System.Collections.Concurrent;
using System.Threading.Channels;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.Api;
using Eventide.Sidecar.Api.Grpc;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>
/// Subscriptions that an app opens itself and reads from a stream (SubscribeTopicEventsAlpha1); it needs no port for them
/// (Dapr: pkg/api/grpc/subscribe.go). Each stream is a consumer of the app's group of its own. Thread-safe.
/// </summary>
internal sealed class StreamSubscriptions(PubSubComponents components, SubscriptionRunner runner, SidecarOptions options) : IGrpcMethods
{
    private readonly ConcurrentDictionary<TopicSubscription, TaskCompletionSource> _running = new(ReferenceEqualityComparer.Instance);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The subscriptions of the open streams.</summary>
    public IEnumerable<TopicSubscription> Running => _running.Keys;

    /// <summary>Ends all streams and waits for them; the apps see UNAVAILABLE and come again.</summary>
    public async Task StopAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running.Values.Select(ended => ended.Task));
    }

    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar) =>
        registrar.DuplexStreaming<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1>("SubscribeTopicEventsAlpha1", RunAsync);

    private async Task RunAsync(
        IAsyncStreamReader<SubscribeTopicEventsRequestAlpha1> requests, IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> responses, ServerCallContext call)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(call.CancellationToken, _stopping.Token);
        if (!await requests.MoveNext(either.Token) || requests.Current.InitialRequest is not { } initial)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "the first message of a subscription must be its initial_request"));
        }

        var subscription = Subscription(initial);
        var subscriber = new StreamSubscriber(responses);
        await responses.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { InitialResponse = new SubscribeTopicEventsResponseInitialAlpha1() }, either.Token);
        var ended = _running[subscription] = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        IAsyncDisposable? running = null;
        try
        {
            running = await runner.StartAsync(subscription, subscriber, either.Token, either.Token);
            while (await requests.MoveNext(either.Token))
            {
                if (requests.Current.EventProcessed is not { } processed)
                {
                    throw new RpcException(new Status(StatusCode.InvalidArgument, "duplicate initial request received"));
                }

                subscriber.Answer(processed.Id, processed.Status?.Status ?? TopicEventResponse.Types.TopicEventResponseStatus.Success);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            // The app has gone, or the sidecar stops.
        }
        finally
        {
            // What the app has not answered cannot be answered any more: it goes back to the broker.
            await either.CancelAsync();
            subscriber.Close();
            if (running is not null)
            {
                await running.DisposeAsync();
            }

            _running.TryRemove(subscription, out _);
            ended.SetResult();
        }

        if (_stopping.IsCancellationRequested)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, "the sidecar is stopping"));
        }
    }

    private TopicSubscription Subscription(SubscribeTopicEventsRequestInitialAlpha1 initial)
    {
        var component = initial.PubsubName.Length == 0
            ? throw PubSubErrors.EmptyName()
            : components.Find(initial.PubsubName) ?? throw PubSubErrors.NotFound(initial.PubsubName);
        if (initial.Topic.Length == 0)
        {
            throw PubSubErrors.EmptyTopic(initial.PubsubName);
        }

        return component.Scopes.MaySubscribe(initial.Topic)
            ? new TopicSubscription(
                initial.PubsubName, initial.Topic, [new Route(null, "")], initial.HasDeadLetterTopic && initial.DeadLetterTopic.Length > 0 ? initial.DeadLetterTopic : null,
                initial.Metadata, Bulk: null, TopicSubscription.Streaming)
            : throw PubSubErrors.Forbidden(initial.PubsubName, initial.Topic, options.AppId);
    }
}
