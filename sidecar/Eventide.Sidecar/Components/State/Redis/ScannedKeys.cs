using System.Text;
using Eventide.Sidecar.Components.Redis;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.State.Redis;

/// <summary>The keys with a prefix, found among all keys of the database: SCAN promises those that are there from its beginning to its end.</summary>
internal static class ScannedKeys
{
    /// <summary>Pages of keys in the order of their bytes, each key once.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<string>> PagesAsync(RedisConnection connection, string prefix, int page)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        RedisValue cursor = 0;
        do
        {
            RedisResult answer;
            try
            {
                answer = await connection.Database.ExecuteAsync("SCAN", cursor, "MATCH", Escape(prefix) + "*", "COUNT", 1000, "TYPE", "hash");
            }
            catch (Exception failure) when (RedisFailure.Is(failure))
            {
                throw connection.Failure(failure);
            }

            cursor = (RedisValue)answer[0];
            found.UnionWith((string[])answer[1]!);
        }
        while (cursor != 0);

        foreach (var keys in found.OrderBy(Encoding.UTF8.GetBytes, Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y))).Chunk(page))
        {
            yield return keys;
        }
    }

    private static string Escape(string prefix)
    {
        var escaped = new StringBuilder(prefix.Length + 8);
        foreach (var c in prefix)
        {
            if (c is '*' or '?' or '[' or ']' or '\\' or '^')
            {
                escaped.Append('\\');
            }

            escaped.Append(c);
        }

        return escaped.ToString();
    }
}
