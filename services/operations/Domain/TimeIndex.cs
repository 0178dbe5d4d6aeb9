using System.Globalization;
using System.Runtime.CompilerServices;
using Eventide.ServiceDefaults.State;

namespace Eventide.Operations.Domain;

/// <summary>A place in a list that is sorted by time, newest first; what follows is older.</summary>
internal readonly record struct TimeCursor(DateTimeOffset At, string Id)
{
    /// <summary>Reads what <see cref="ToString"/> wrote, or a plain ISO 8601 time.</summary>
    public static bool TryParse(string text, out TimeCursor cursor)
    {
        var cut = text.IndexOf('~', StringComparison.Ordinal);
        var isTime = DateTimeOffset.TryParse(
            cut < 0 ? text : text[..cut], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at);
        cursor = new TimeCursor(at, cut < 0 ? "" : text[(cut + 1)..]);
        return isTime;
    }

    /// <summary>Whether an entry comes after this place.</summary>
    public bool IsBefore(DateTimeOffset at, string id) => at < At || (at == At && string.CompareOrdinal(id, Id) < 0);

    public override string ToString() => $"{At.UtcDateTime:O}~{Id}";
}

/// <summary>
/// A list that is sorted by time, in a store that cannot enumerate: one document says which days have entries, one per day which minutes, and each minute has its
/// entries in 16 documents, so that writers seldom meet. Every entry is listed once however often it is added with the same time. Thread-safe.
/// </summary>
internal sealed class TimeIndex(DocumentStore store, string name, TimeSpan? retention, TimeProvider time)
{
    private const int Shards = 16;
    private const int MinutesPerRead = 8;
    private const string MinuteFormat = "yyyyMMddHHmm";

    // An entry is written at its own time, or when its message is delivered again.
    private static readonly TimeSpan StillWritten = TimeSpan.FromDays(2);

    private readonly IndexPages _pages = new(store, retention);
    private volatile string _lastMinute = "";

    private string DaysKey => $"{name}/days";

    /// <summary>Completes when the entry can be found.</summary>
    public async Task AddAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var minute = at.UtcDateTime.ToString(MinuteFormat, CultureInfo.InvariantCulture);
        if (minute != _lastMinute)
        {
            // The way to the minute first: an entry behind a missing sign would never be found.
            var day = minute[..8];
            await _pages.ChangeAsync(DaysKey, page => Recent(page).With(day, at), cancellationToken);
            await _pages.ChangeAsync(DayKey(day), page => page.With(minute, at), cancellationToken);
            _pages.Forget(key => !key.Contains(minute, StringComparison.Ordinal) && !key.Contains(_lastMinute, StringComparison.Ordinal));
            _lastMinute = minute;
        }

        await _pages.ChangeAsync(PageKey(minute, Shard(id)), page => page.With(id, at), cancellationToken);
    }

    /// <summary>
    /// Takes an entry out. A minute, and a day, that has no entries left goes with it, once it is so old that nothing new is listed there.
    /// </summary>
    public async Task RemoveAsync(string id, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var minute = Minute(at);
        await _pages.ChangeAsync(PageKey(minute, Shard(id)), page => page.Without(id), cancellationToken);
        if (at > time.GetUtcNow() - StillWritten || !await _pages.RemoveEmptyAsync(PagesOf(minute), cancellationToken))
        {
            return;
        }

        await _pages.ChangeAsync(DayKey(minute[..8]), page => page.Without(minute), cancellationToken);
        if (await _pages.RemoveEmptyAsync([DayKey(minute[..8])], cancellationToken))
        {
            await _pages.ChangeAsync(DaysKey, page => page.Without(minute[..8]), cancellationToken);
        }
    }

    /// <summary>Entries newest first, from <paramref name="before"/> (exclusive) back to <paramref name="since"/> (inclusive).</summary>
    public async IAsyncEnumerable<(string Id, DateTimeOffset At)> ReadAsync(
        DateTimeOffset since, TimeCursor? before, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (first, last) = (Minute(since), before is { } cursor ? Minute(cursor.At) : "9");
        foreach (var day in await KeysAsync(DaysKey, cancellationToken))
        {
            if (string.CompareOrdinal(day, first[..8]) < 0)
            {
                yield break;
            }

            var minutes = (await KeysAsync(DayKey(day), cancellationToken))
                .Where(minute => string.CompareOrdinal(minute, first) >= 0 && string.CompareOrdinal(minute, last) <= 0);
            foreach (var together in minutes.Chunk(MinutesPerRead))
            {
                var pages = await _pages.ReadAsync([.. together.SelectMany(PagesOf)], cancellationToken);
                var entries = pages.Values.SelectMany(page => page.Entries).Where(entry => entry.Value >= since && (before?.IsBefore(entry.Value, entry.Key) ?? true))
                    .OrderByDescending(entry => entry.Value).ThenByDescending(entry => entry.Key, StringComparer.Ordinal);
                foreach (var entry in entries)
                {
                    yield return (entry.Key, entry.Value);
                }
            }
        }
    }

    /// <summary>Always the same small number for the same text, on every machine.</summary>
    public static int Shard(string id)
    {
        var hash = 2166136261u;
        foreach (var c in id)
        {
            hash = (hash ^ c) * 16777619u;
        }

        return (int)(hash % Shards);
    }

    private async Task<IEnumerable<string>> KeysAsync(string key, CancellationToken cancellationToken) =>
        (await _pages.ReadAsync([key], cancellationToken)).Values.SelectMany(page => page.Entries.Keys).OrderDescending(StringComparer.Ordinal);

    private IndexPage Recent(IndexPage page) => retention is { } kept && page.Entries.Values.Any(at => at < time.GetUtcNow() - kept - TimeSpan.FromDays(1))
        ? new IndexPage(page.Entries.Where(entry => entry.Value >= time.GetUtcNow() - kept - TimeSpan.FromDays(1)).ToDictionary())
        : page;

    private string DayKey(string day) => $"{name}/day/{day}";

    private IReadOnlyList<string> PagesOf(string minute) => [.. Enumerable.Range(0, Shards).Select(shard => PageKey(minute, shard))];

    private string PageKey(string minute, int shard) => $"{name}/minute/{minute}/{shard}";

    private static string Minute(DateTimeOffset at) => at.UtcDateTime.ToString(MinuteFormat, CultureInfo.InvariantCulture);
}
