using Eventide.Sidecar.Components.Redis;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>
/// The entries that a group was given and has not acknowledged. Its replicas share one consumer name, as in Dapr, so that all an entry tells is how long ago it was
/// given out. Thread-safe.
/// </summary>
internal sealed class PendingEntries(RedisConnection connection, string topic, string group, TimeSpan processingTimeout)
{
    private const int Page = 100;

    private long Timeout => (long)processingTimeout.TotalMilliseconds;

    /// <summary>The entries that were given out too long ago, in pages.</summary>
    public async IAsyncEnumerable<IReadOnlyList<RedisValue>> IdleAsync()
    {
        var from = "-";
        while (true)
        {
            var answer = await connection.Database.ExecuteAsync("XPENDING", (RedisKey)topic, group, "IDLE", Timeout, from, "+", Page);
            var page = ((RedisResult[])answer!).Select(entry => (RedisValue)entry[0]).ToList();
            if (page.Count > 0)
            {
                yield return page;
            }

            if (page.Count < Page)
            {
                yield break;
            }

            from = "(" + page[^1];
        }
    }

    /// <summary>Takes those of the entries that no other replica has taken meanwhile. What was removed from the stream is acknowledged, since it can never come.</summary>
    public async Task<IReadOnlyList<StreamEntry>> ClaimAsync(RedisValue[] ids)
    {
        if (ids.Length == 0)
        {
            return [];
        }

        var database = connection.Database;
        var claimed = (await database.StreamClaimAsync(topic, group, group, Timeout, ids)).Where(entry => !entry.IsNull).ToList();
        foreach (var missing in ids.Except(claimed.Select(entry => entry.Id)))
        {
            if ((await database.StreamRangeAsync(topic, missing, missing, count: 1)).Length == 0)
            {
                await database.StreamAcknowledgeAsync(topic, group, missing);
            }
        }

        return claimed;
    }

    /// <summary>The entries count as given out just now.</summary>
    public Task RenewAsync(RedisValue[] ids) => SetIdleAsync(ids, 0);

    /// <summary>The entries count as given out too long ago, so that the next look of any replica finds them. Never fails: then they come when their time is over.</summary>
    public async Task HandBackAsync(RedisValue[] ids)
    {
        try
        {
            await SetIdleAsync(ids, Timeout);
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            // They come later.
        }
    }

    private async Task SetIdleAsync(RedisValue[] ids, long idle)
    {
        foreach (var some in ids.Chunk(Page))
        {
            await connection.Database.ExecuteAsync("XCLAIM", [(RedisKey)topic, group, group, 0, .. some.Select(id => (object)id), "IDLE", idle, "JUSTID"]);
        }
    }
}
