using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// One consumer of one queue, over a channel of its own; when channel or connection are lost it declares everything again and goes on. At least once: a message is
/// acknowledged when its handler has returned, and what is unanswered when the channel closes, however it does, the broker gives to somebody else. Thread-safe.
/// </summary>
internal sealed partial class RabbitMqSubscription(
    RabbitMqSettings settings, RabbitMqConnection connection, SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, TimeProvider time,
    ILogger log) : IAsyncDisposable
{
    // The inbound policy has already tried for as long as it makes sense: what comes back at once would only go round in circles. A message that waits here counts as
    // unanswered, so that the broker sends fewer new ones to an app that cannot handle them.
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LaterPause = TimeSpan.FromSeconds(5);

    private readonly IDictionary<string, object?> _arguments = Topology.Arguments(settings, request);
    private readonly string _queue = Topology.QueueOf(request);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private int _disposed;

    // Messages in hand, and one for the subscription itself.
    private int _inHand = 1;

    /// <summary>Returns when messages come.</summary>
    /// <exception cref="RabbitMqException">The broker does not answer, or refuses the queue.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var first = await ConsumeAsync(settings.Patience, cancellationToken);
        _running = Task.Run(() => RunAsync(first), CancellationToken.None);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            await _stopping.CancelAsync();
            await _running;
            _stopping.Dispose();
        }
    }

    private async Task RunAsync(DeliveryConsumer? consumer)
    {
        for (; ; consumer = null)
        {
            consumer ??= await ConsumeAgainAsync();
            if (consumer is null)
            {
                break;
            }

            Task ended = consumer.Ended;
            await ended.WaitAsync(_stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested)
            {
                await LeaveAsync(consumer);
                return;
            }

            Interrupted(_queue, await consumer.Ended);
            await consumer.Channel.DisposeAsync();
        }

        Exit();
        await _idle.Task;
    }

    // First nothing new, then the answers to what is in hand, then the channel.
    private async Task LeaveAsync(DeliveryConsumer consumer)
    {
        try
        {
            foreach (var tag in consumer.ConsumerTags)
            {
                await consumer.Channel.BasicCancelAsync(tag, noWait: true, CancellationToken.None);
            }
        }
        catch (Exception failure) when (IsOfClient(failure))
        {
            // Lost just now.
        }

        Exit();
        await _idle.Task;
        try
        {
            await consumer.Channel.CloseAsync(CancellationToken.None);
        }
        catch (Exception failure) when (IsOfClient(failure))
        {
            // The broker has closed it.
        }

        await consumer.Channel.DisposeAsync();
    }

    private async Task<DeliveryConsumer?> ConsumeAgainAsync()
    {
        var told = "";
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var consumer = await ConsumeAsync(Timeout.InfiniteTimeSpan, _stopping.Token);
                Resumed(_queue);
                return consumer;
            }
            catch (RabbitMqException failure)
            {
                if (told != failure.Message)
                {
                    NotResumed(_queue, settings.ReconnectWait, told = failure.Message);
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }

            await Task.Delay(settings.ReconnectWait, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    private async Task<DeliveryConsumer> ConsumeAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        var open = await connection.GetAsync(patience, cancellationToken);
        IChannel? channel = null;
        try
        {
            channel = await open.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: 1), cancellationToken);
            await Topology.DeclareQueueAsync(channel, settings, request, _arguments, cancellationToken);
            if (settings.PrefetchCount > 0)
            {
                // A bulk that needs more messages than may be unanswered would never fill.
                var count = (ushort)Math.Min(Math.Max(settings.PrefetchCount, request.MinParallelism), ushort.MaxValue);
                await channel.BasicQosAsync(0, count, global: false, cancellationToken);
            }

            var consumer = new DeliveryConsumer(channel, settings.IsParallel ? DeliverAside : DeliverAsync);
            await channel.BasicConsumeAsync(
                _queue, settings.AutoAck, consumerTag: "", noLocal: false, exclusive: false, arguments: null, consumer, cancellationToken);
            return consumer;
        }
        catch (Exception failure)
        {
            if (channel is not null)
            {
                await channel.DisposeAsync();
            }

            throw IsOfClient(failure) ? RabbitMqException.Refused(settings, $"queue \"{_queue}\"", failure) : failure;
        }
    }

    private Task DeliverAside(Delivery delivery)
    {
        _ = Task.Run(() => DeliverAsync(delivery));
        return Task.CompletedTask;
    }

    private async Task DeliverAsync(Delivery delivery)
    {
        if (!TryEnter())
        {
            return;
        }

        try
        {
            var message = new PubSubMessage(
                request.Topic, delivery.Body, delivery.Properties.ContentType, MessageProperties.ToMetadata(settings, delivery.Properties));
            if (await IsHandledAsync(message))
            {
                await AnswerAsync(delivery, static (channel, tag) => channel.BasicAckAsync(tag, multiple: false));
            }
            else if (!_stopping.IsCancellationRequested)
            {
                await RefuseAsync(delivery);
            }
        }
        finally
        {
            Exit();
        }
    }

    private async ValueTask<bool> IsHandledAsync(PubSubMessage message)
    {
        try
        {
            await handler(message, _stopping.Token);
            return true;
        }
        catch (Exception)
        {
            // The runtime has logged why; here it only means "again later".
            return false;
        }
    }

    private async Task RefuseAsync(Delivery delivery)
    {
        if (!settings.RequeueInFailure)
        {
            NotRequeued(_queue, settings.EnableDeadLetter ? $"it is in queue dlq-{_queue} now" : "it is gone, because requeueInFailure is false");
            await AnswerAsync(delivery, static (channel, tag) => channel.BasicNackAsync(tag, multiple: false, requeue: false));
            return;
        }

        await Task.Delay(delivery.IsRedelivered ? LaterPause : FirstPause, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_stopping.IsCancellationRequested)
        {
            await AnswerAsync(delivery, static (channel, tag) => channel.BasicNackAsync(tag, multiple: false, requeue: true));
        }
    }

    private async ValueTask AnswerAsync(Delivery delivery, Func<IChannel, ulong, ValueTask> answer)
    {
        if (settings.AutoAck)
        {
            return;
        }

        try
        {
            await answer(delivery.Channel, delivery.Tag);
        }
        catch (Exception failure) when (IsOfClient(failure))
        {
            // With its channel the delivery has ended: the broker delivers the message again.
            NotAnswered(_queue, failure.Message);
        }
    }

    private bool TryEnter()
    {
        for (var count = Volatile.Read(ref _inHand); count > 0 && !_stopping.IsCancellationRequested;)
        {
            var seen = Interlocked.CompareExchange(ref _inHand, count + 1, count);
            if (seen == count)
            {
                return true;
            }

            count = seen;
        }

        return false;
    }

    private void Exit()
    {
        if (Interlocked.Decrement(ref _inHand) == 0)
        {
            _idle.TrySetResult();
        }
    }

    private static bool IsOfClient(Exception failure) => failure is RabbitMQClientException or TimeoutException or IOException or ObjectDisposedException;

    [LoggerMessage(Level = LogLevel.Warning, Message = "No messages from queue {Queue} for now ({Reason}); what was in hand comes again")]
    private partial void Interrupted(string queue, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Messages come from queue {Queue} again")]
    private partial void Resumed(string queue);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Still no messages from queue {Queue}, trying again every {Interval}: {Reason}")]
    private partial void NotResumed(string queue, TimeSpan interval, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The app does not take a message of queue {Queue}; {Consequence}")]
    private partial void NotRequeued(string queue, string consequence);

    [LoggerMessage(Level = LogLevel.Debug, Message = "A message of queue {Queue} was answered too late, and comes again: {Reason}")]
    private partial void NotAnswered(string queue, string reason);
}
