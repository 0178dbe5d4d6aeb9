using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Delivers over one open stream and waits for the answers, which name messages by their id. Safe for concurrent callers.</summary>
internal sealed class StreamSubscriber(IServerStreamWriter<SubscribeTopicEventsResponseAlpha1> stream) : ISubscriber
{
    private readonly SemaphoreSlim _writing = new(1);
    private readonly Lock _lock = new();

    // Two messages may have one id: a duplicate of the publisher. The answers then count in the order of the deliveries.
    private readonly Dictionary<string, Queue<TaskCompletionSource<TopicEventResponse.Types.TopicEventResponseStatus>>> _waiting = new(StringComparer.Ordinal);
    private bool _closed;

    /// <inheritdoc/>
    public async Task<DeliveryResult> DeliverAsync(TopicSubscription subscription, Route route, IncomingEvent message, CancellationToken cancellationToken)
    {
        var request = TopicEvents.Request(subscription, route.Path, message);
        var answer = await SendAsync(request, cancellationToken);
        return TopicEvents.Result(await answer.WaitAsync(cancellationToken));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<BulkStatus>> DeliverManyAsync(
        TopicSubscription subscription, string path, IReadOnlyList<(string EntryId, IncomingEvent Message)> messages, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A stream carries single messages; its subscription has no bulk settings.");

    /// <summary>The app's answer. One for an id that nobody waits for is a repetition and means nothing.</summary>
    public void Answer(string id, TopicEventResponse.Types.TopicEventResponseStatus status)
    {
        lock (_lock)
        {
            if (_waiting.TryGetValue(id, out var queue))
            {
                var first = queue.Dequeue();
                if (queue.Count == 0)
                {
                    _waiting.Remove(id);
                }

                first.TrySetResult(status);
            }
        }
    }

    /// <summary>Fails all that wait; nothing is sent any more.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var waiting in _waiting.Values.SelectMany(queue => queue))
            {
                waiting.TrySetException(Gone());
            }

            _waiting.Clear();
        }
    }

    private async Task<Task<TopicEventResponse.Types.TopicEventResponseStatus>> SendAsync(TopicEventRequest request, CancellationToken cancellationToken)
    {
        // A stream takes one write at a time; waiting under the same gate keeps answers and deliveries of one id in the same order.
        await _writing.WaitAsync(cancellationToken);
        try
        {
            var answer = Expect(request.Id);
            await stream.WriteAsync(new SubscribeTopicEventsResponseAlpha1 { EventMessage = request }, cancellationToken);
            return answer;
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException)
        {
            throw new DeliveryException("the app's stream has ended", failure) { IsUndecided = true };
        }
        finally
        {
            _writing.Release();
        }
    }

    private Task<TopicEventResponse.Types.TopicEventResponseStatus> Expect(string id)
    {
        lock (_lock)
        {
            if (_closed)
            {
                throw Gone();
            }

            if (!_waiting.TryGetValue(id, out var queue))
            {
                _waiting[id] = queue = new Queue<TaskCompletionSource<TopicEventResponse.Types.TopicEventResponseStatus>>();
            }

            var answer = new TaskCompletionSource<TopicEventResponse.Types.TopicEventResponseStatus>(TaskCreationOptions.RunContinuationsAsynchronously);
            queue.Enqueue(answer);
            return answer.Task;
        }
    }

    private static DeliveryException Gone() => new("the app's stream has ended") { IsUndecided = true };
}
