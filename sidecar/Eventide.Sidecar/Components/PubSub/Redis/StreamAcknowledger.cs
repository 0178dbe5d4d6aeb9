using System.Threading.Channels;
using Eventide.Sidecar.Components.Redis;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>
/// Acknowledges entries of one group: what comes while a command is under way goes together with the next. While the server is away it tries again, because an
/// acknowledgement that is lost is a second delivery. Thread-safe.
/// </summary>
internal sealed class StreamAcknowledger : IAsyncDisposable
{
    private const int Most = 200;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private readonly Channel<RedisValue> _ids = Channel.CreateUnbounded<RedisValue>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _closing = new();
    private readonly RedisConnection _connection;
    private readonly string _topic;
    private readonly string _group;
    private readonly TimeProvider _time;
    private readonly Task _pump;

    public StreamAcknowledger(RedisConnection connection, string topic, string group, TimeProvider time)
    {
        (_connection, _topic, _group, _time) = (connection, topic, group, time);
        _pump = Task.Run(PumpAsync);
    }

    /// <summary>Acknowledges the entry soon.</summary>
    public void Add(RedisValue id) => _ids.Writer.TryWrite(id);

    /// <summary>Acknowledges what is left; gives up when the server does not take it now.</summary>
    public async ValueTask DisposeAsync()
    {
        _ids.Writer.TryComplete();
        await _closing.CancelAsync();
        await _pump;
        _closing.Dispose();
    }

    private async Task PumpAsync()
    {
        var batch = new List<RedisValue>();
        while (await _ids.Reader.WaitToReadAsync(CancellationToken.None))
        {
            batch.Clear();
            while (batch.Count < Most && _ids.Reader.TryRead(out var id))
            {
                batch.Add(id);
            }

            while (!await TryAcknowledgeAsync([.. batch]) && !_closing.IsCancellationRequested)
            {
                await Task.Delay(Pause, _time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<bool> TryAcknowledgeAsync(RedisValue[] ids)
    {
        try
        {
            await _connection.Database.StreamAcknowledgeAsync(_topic, _group, ids);
            return true;
        }
        catch (RedisServerException)
        {
            // The stream or the group is gone, and the entries with it.
            return true;
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            return false;
        }
    }
}
