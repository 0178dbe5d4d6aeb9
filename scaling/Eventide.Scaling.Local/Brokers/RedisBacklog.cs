using System.Globalization;
using Eventide.Scaling.Keda;
using StackExchange.Redis;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>
/// Asks Redis for the groups of each stream, as KEDA's redis-streams scaler does: lag is what the group has not been given, pending what its consumers hold. Without a lag
/// (Redis before 7, or entries removed from the middle of the stream) nothing is said about the topic.
/// </summary>
internal sealed class RedisBacklog(BrokerComponent broker) : IBacklogReader
{
    private readonly Lazy<Task<ConnectionMultiplexer>> _connection = new(() => ConnectionMultiplexer.ConnectAsync(Options(broker)));

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, BacklogReading>> ReadAsync(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        try
        {
            var database = (await _connection.Value.WaitAsync(cancellationToken)).GetDatabase();
            var readings = await Task.WhenAll(topics.Select(async topic => (topic, Reading: await ReadAsync(database, topic, group)))).WaitAsync(cancellationToken);
            return readings.Where(reading => reading.Reading is not null).ToDictionary(reading => reading.topic, reading => reading.Reading!);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            throw new BacklogException($"Redis does not tell its groups ({failure.Message}).", failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_connection is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
        {
            await (await _connection.Value).DisposeAsync();
        }
    }

    private static async Task<BacklogReading?> ReadAsync(IDatabase database, string topic, string group)
    {
        try
        {
            var groups = await database.StreamGroupInfoAsync(topic);
            return groups.FirstOrDefault(found => found.Name == group) is { Name: not null, Lag: { } lag } info ? new BacklogReading(lag, info.PendingMessageCount) : null;
        }
        catch (RedisServerException)
        {
            // There is no such stream yet: nobody has published or subscribed.
            return null;
        }
    }

    private static ConfigurationOptions Options(BrokerComponent broker)
    {
        var host = broker.Required("redisHost");
        return new ConfigurationOptions
        {
            EndPoints = { host.Contains(':') ? host : $"{host}:6379" },
            User = broker.Metadata.GetValueOrDefault("redisUsername"),
            Password = broker.Metadata.GetValueOrDefault("redisPassword"),
            DefaultDatabase = int.TryParse(broker.Metadata.GetValueOrDefault("redisDB"), CultureInfo.InvariantCulture, out var number) ? number : 0,
            Ssl = broker.Metadata.GetValueOrDefault("enableTLS") == "true",
            AbortOnConnectFail = false,
            AsyncTimeout = 5000,
        };
    }
}
