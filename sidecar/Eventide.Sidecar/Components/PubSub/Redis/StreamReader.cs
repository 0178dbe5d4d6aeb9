using Eventide.Sidecar.Components.Redis;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>
/// Reads new entries of one stream for a group as soon as they are there, on a connection of its own, because a read that waits at the server holds up everything
/// behind it. One call at a time; <see cref="InterruptAsync"/> comes from elsewhere.
/// </summary>
internal sealed class StreamReader : IAsyncDisposable
{
    // How long a read waits at the server. A dead connection is noticed after this and the time that an answer may take.
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(15);

    private readonly RedisConnection _connection;
    private readonly ConnectionMultiplexer _own;
    private readonly string _topic;
    private readonly string _group;
    private long _clientId;

    private StreamReader(RedisConnection connection, ConnectionMultiplexer own, string topic, string group)
    {
        (_connection, _own, _topic, _group) = (connection, own, topic, group);
        own.ConnectionFailed += (_, _) => Volatile.Write(ref _clientId, 0);
    }

    /// <summary>Connects.</summary>
    public static async Task<StreamReader> OpenAsync(RedisConnection connection, string topic, string group, CancellationToken cancellationToken) =>
        new(connection, await connection.ConnectWaitingAsync(Wait, cancellationToken), topic, group);

    /// <summary>Up to <paramref name="count"/> new entries; none when there were none for a while or the read was interrupted.</summary>
    public async Task<IReadOnlyList<StreamEntry>> ReadAsync(int count)
    {
        var database = _own.GetDatabase();
        if (Volatile.Read(ref _clientId) == 0)
        {
            Volatile.Write(ref _clientId, (long)await database.ExecuteAsync("CLIENT", "ID"));
        }

        // Group and consumer have the same name, as in Dapr; replicas share both.
        var answer = await database.ExecuteAsync(
            "XREADGROUP", "GROUP", _group, _group, "COUNT", count, "BLOCK", (long)Wait.TotalMilliseconds, "STREAMS", (RedisKey)_topic, ">");
        return answer.IsNull ? [] : Entries(answer[0][1]);
    }

    /// <summary>Ends the read that waits, without losing what it is just being given. False when the server cannot be asked.</summary>
    public async Task<bool> InterruptAsync()
    {
        if (!_own.IsConnected)
        {
            return false;
        }

        try
        {
            if (Volatile.Read(ref _clientId) is not 0 and var id)
            {
                await _connection.Database.ExecuteAsync("CLIENT", "UNBLOCK", id);
            }

            return true;
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            return false;
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _own.DisposeAsync();

    private static StreamEntry[] Entries(RedisResult entries) => [.. ((RedisResult[])entries!).Select(entry => new StreamEntry((RedisValue)entry[0], Fields(entry[1])))];

    private static NameValueEntry[] Fields(RedisResult fields)
    {
        var flat = (RedisValue[])fields!;
        var pairs = new NameValueEntry[flat.Length / 2];
        for (var i = 0; i < pairs.Length; i++)
        {
            pairs[i] = new NameValueEntry(flat[2 * i], flat[(2 * i) + 1]);
        }

        return pairs;
    }
}
