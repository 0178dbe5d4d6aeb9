using System.Threading.Channels;
using StackExchange.Redis;

namespace Eventide.Benchmarks.Brokers;

/// <summary>XADD, XREADGROUP in batches, a number of workers, XACK for each message: what the component does, without the sidecar.</summary>
internal sealed class RedisDirectClient : IDirectClient
{
    private const string Group = "direct";
    private static readonly RedisValue Field = "data";
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConnectionMultiplexer _redis;
    private readonly string _topic;
    private Task _consuming = Task.CompletedTask;

    private RedisDirectClient(ConnectionMultiplexer redis, string topic) => (_redis, _topic) = (redis, topic);

    public static async Task<IDirectClient> ConnectAsync(string address, string topic) => new RedisDirectClient(await ConnectionMultiplexer.ConnectAsync(address), topic);

    /// <inheritdoc/>
    public Task PublishAsync(byte[] message, int number, CancellationToken cancellationToken) => _redis.GetDatabase().StreamAddAsync(_topic, Field, message);

    /// <inheritdoc/>
    public async Task ConsumeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancellationToken)
    {
        var database = _redis.GetDatabase();
        await database.StreamCreateConsumerGroupAsync(_topic, Group, StreamPosition.Beginning);
        var fetched = Channel.CreateBounded<StreamEntry>(100);
        _consuming = Task.WhenAll([ReadAsync(database, fetched.Writer), .. Enumerable.Range(0, MeasuredBroker.Handlers).Select(_ => WorkAsync(database, fetched.Reader, handle))]);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _consuming;
        await _redis.DisposeAsync();
        _stopping.Dispose();
    }

    // This client shares one connection and cannot block on it, so an empty stream is asked again after a moment.
    private async Task ReadAsync(IDatabase database, ChannelWriter<StreamEntry> fetched)
    {
        while (!_stopping.IsCancellationRequested)
        {
            var entries = await database.StreamReadGroupAsync(_topic, Group, Group, StreamPosition.NewMessages, count: 100);
            foreach (var entry in entries)
            {
                await fetched.WriteAsync(entry);
            }

            if (entries.Length == 0)
            {
                await Task.Delay(Pause);
            }
        }

        fetched.Complete();
    }

    private async Task WorkAsync(IDatabase database, ChannelReader<StreamEntry> fetched, Action<ReadOnlyMemory<byte>> handle)
    {
        await foreach (var entry in fetched.ReadAllAsync())
        {
            handle((ReadOnlyMemory<byte>)entry[Field]);
            await database.StreamAcknowledgeAsync(_topic, Group, entry.Id);
        }
    }
}
