using System.Threading.Channels;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Resiliency;
using Eventide.Sidecar.Resources;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>
/// Collects the messages of one bulk subscription and brings them to the app together (Dapr: pkg/runtime/subscription/bulksub, pubsub default bulk
/// subscriber). Two bulks are under way, so that one is worked on while the other waits for its disk; one only, as in Dapr, where the broker hands out
/// messages ahead of those that they have to follow. Each message has its own outcome: what the app took is acknowledged at once, only the rest is tried
/// again, and dead letters are single. Thread-safe.
/// </summary>
internal sealed partial class BulkDelivery : IAsyncDisposable
{
    private readonly Channel<Entry> _entries = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SemaphoreSlim _collecting = new(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TopicSubscription _subscription;
    private readonly BulkSettings _settings;
    private readonly IPubSub _broker;
    private readonly ISubscriber _subscriber;
    private readonly IResiliencyPolicies _policies;
    private readonly DeadLetters _deadLetters;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly CancellationToken _abandoned;
    private readonly Task[] _pumps;

    public BulkDelivery(
        TopicSubscription subscription, BulkSettings settings, IPubSub broker, ISubscriber subscriber, IResiliencyPolicies policies, DeadLetters deadLetters,
        TimeProvider time, ILogger log, CancellationToken abandoned)
    {
        (_subscription, _settings, _broker, _subscriber, _policies, _deadLetters, _time, _log, _abandoned) =
            (subscription, settings, broker, subscriber, policies, deadLetters, time, log, abandoned);
        _pumps = new Task[broker.Features.HasFlag(PubSubFeatures.HandsOutAhead) ? 1 : 2];
        for (var i = 0; i < _pumps.Length; i++)
        {
            _pumps[i] = Task.Run(PumpAsync, CancellationToken.None);
        }
    }

    /// <summary>So many messages should be handed over at once: enough for the bulks under way and for the one that fills meanwhile.</summary>
    public int Parallelism => _settings.MaxMessages * (_pumps.Length + 1);

    /// <summary>Completes when the app has taken the message or a dead letter is written; throws when the broker has to deliver it again.</summary>
    public async Task DeliverAsync(PubSubMessage message)
    {
        var entry = new Entry(message);
        await _entries.Writer.WriteAsync(entry, _abandoned);
        await entry.Done.Task;
    }

    /// <summary>What has been collected goes out now, and no message is tried twice any more. Called before the broker's subscription is disposed.</summary>
    public Task HurryAsync() => _stopping.CancelAsync();

    /// <summary>Ends; no message may be in hand.</summary>
    public async ValueTask DisposeAsync()
    {
        _entries.Writer.Complete();
        await Task.WhenAll(_pumps);
        _collecting.Dispose();
        _stopping.Dispose();
    }

    private async Task PumpAsync()
    {
        while (await NextAsync() is { } bulk)
        {
            await FlushAsync(bulk);
        }
    }

    /// <summary>The next bulk; null when there will be none. Only one fills at a time: two half full ones would be dearer.</summary>
    private async Task<List<Entry>?> NextAsync()
    {
        await _collecting.WaitAsync(CancellationToken.None);
        try
        {
            return await _entries.Reader.WaitToReadAsync(CancellationToken.None) ? await CollectAsync() : null;
        }
        finally
        {
            _collecting.Release();
        }
    }

    private async Task<List<Entry>> CollectAsync()
    {
        var bulk = new List<Entry>(_settings.MaxMessages);
        using var wait = new CancellationTokenSource(_settings.MaxAwait, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, _stopping.Token);
        try
        {
            while (bulk.Count < _settings.MaxMessages)
            {
                if (_entries.Reader.TryRead(out var entry))
                {
                    bulk.Add(entry);
                }
                else if (!await _entries.Reader.WaitToReadAsync(either.Token))
                {
                    break;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Long enough: what is there goes.
        }

        return bulk;
    }

    private async Task FlushAsync(List<Entry> bulk)
    {
        var routed = new List<(string Path, Entry Entry)>(bulk.Count);
        foreach (var entry in bulk)
        {
            try
            {
                entry.Incoming = IncomingEvent.Read(_subscription, entry.Message);
                var refusal = entry.Incoming.IsExpired(_time.GetUtcNow()) ? "its time to live is over" : null;
                var route = refusal is null ? entry.Incoming.Route(_subscription) : null;
                if (route is null)
                {
                    await RefuseAsync(entry, refusal ?? "no route matches");
                }
                else
                {
                    routed.Add((route.Path, entry));
                }
            }
            catch (Exception failure)
            {
                await FailAsync(entry, failure);
            }
        }

        await Task.WhenAll(routed.GroupBy(item => item.Path).Select(route => DeliverAsync(route.Key, [.. route.Select(item => item.Entry)])));
        foreach (var entry in bulk)
        {
            entry.Incoming?.Dispose();
        }
    }

    private async Task DeliverAsync(string path, List<Entry> pending)
    {
        try
        {
            await _policies.ForComponentInbound(_subscription.PubSub, ComponentKind.Pubsub).ExecuteUntilAsync(
                async (_, token) =>
                {
                    pending = await AttemptAsync(path, pending, token);
                    return pending.Count == 0 ? true : throw new DeliveryException($"the app wants {pending.Count} messages of a bulk again");
                },
                true, _stopping.Token, _abandoned);
        }
        catch (Exception failure)
        {
            await Task.WhenAll(pending.Select(entry => FailAsync(entry, failure)));
        }
    }

    /// <summary>One call of the app; gives back the entries that it did not take.</summary>
    private async Task<List<Entry>> AttemptAsync(string path, List<Entry> pending, CancellationToken cancellationToken)
    {
        var messages = pending.ConvertAll(entry => (entry.Id, entry.Incoming!));
        var statuses = await _subscriber.DeliverManyAsync(_subscription, path, messages, cancellationToken);
        var again = new List<Entry>();
        for (var i = 0; i < pending.Count; i++)
        {
            switch (statuses[i])
            {
                case BulkStatus.Success:
                    pending[i].Done.TrySetResult();
                    break;
                case BulkStatus.Drop:
                    await RefuseAsync(pending[i], "the app dropped it");
                    break;
                default:
                    again.Add(pending[i]);
                    break;
            }
        }

        return again;
    }

    private async Task FailAsync(Entry entry, Exception failure)
    {
        if (_subscription.DeadLetterTopic is not null && !_stopping.IsCancellationRequested && !_abandoned.IsCancellationRequested)
        {
            await RefuseAsync(entry, failure.Message);
            return;
        }

        Failed(failure, _subscription.Topic);
        entry.Done.TrySetException(
            _stopping.IsCancellationRequested || _abandoned.IsCancellationRequested ? DeliveryException.NotTriedToTheEnd(failure) : failure);
    }

    private async Task RefuseAsync(Entry entry, string reason)
    {
        try
        {
            await _deadLetters.SendAsync(_subscription, _broker, entry.Message, reason, _abandoned);
            entry.Done.TrySetResult();
        }
        catch (Exception failure)
        {
            Failed(failure, _subscription.Topic);
            entry.Done.TrySetException(failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Bulk delivery of a message of {Topic} failed; the broker delivers it again")]
    private partial void Failed(Exception failure, string topic);

    private sealed class Entry(PubSubMessage message)
    {
        public string Id { get; } = Guid.NewGuid().ToString();

        public PubSubMessage Message => message;

        public IncomingEvent? Incoming { get; set; }

        // Whoever waits goes on right here: acknowledging and taking the next message is shorter than handing it to another thread.
        public TaskCompletionSource Done { get; } = new();
    }
}
