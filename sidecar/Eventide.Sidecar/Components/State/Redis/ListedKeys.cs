using System.Text;
using Eventide.Sidecar.Components.Redis;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.State.Redis;

/// <summary>The keys with a prefix of the form <c>app||eventide.list||</c>, read from the sorted set that <see cref="RedisScripts.Write"/> keeps of them.</summary>
/// <param name="List">The sorted set.</param>
/// <param name="Prefix">What the members begin with.</param>
internal sealed record ListedKeys(string List, string Prefix)
{
    /// <summary>Null when keys of this prefix are in no such set.</summary>
    public static ListedKeys? Parse(string prefix)
    {
        const string separator = "||";
        var from = prefix.IndexOf("||eventide.", StringComparison.Ordinal);
        var to = from < 0 ? -1 : prefix.IndexOf(separator, from + separator.Length, StringComparison.Ordinal);
        return to < 0 ? null : new ListedKeys(prefix[..to], prefix[(to + separator.Length)..]);
    }

    /// <summary>Pages of keys in the order of their bytes. A page is read when it is asked for.</summary>
    public async IAsyncEnumerable<IReadOnlyList<string>> PagesAsync(RedisConnection connection, int page)
    {
        var from = "[" + Prefix;
        while (true)
        {
            string[] members;
            try
            {
                // 0xff is in no UTF-8 text, so it comes behind every member with the prefix.
                members = (string[])(await connection.Database.ExecuteAsync(
                    "ZRANGEBYLEX", (RedisKey)List, from, (RedisValue)(byte[])[(byte)'(', .. Encoding.UTF8.GetBytes(Prefix), 0xff], "LIMIT", 0, page))!;
            }
            catch (Exception failure) when (RedisFailure.Is(failure))
            {
                throw connection.Failure(failure);
            }

            if (members.Length > 0)
            {
                yield return [.. members.Select(member => $"{List}||{member}")];
            }

            if (members.Length < page)
            {
                yield break;
            }

            from = "(" + members[^1];
        }
    }
}
