using System.Globalization;

namespace Eventide.Sidecar.Components;

/// <summary>Durations as Go and so all of Dapr's files write them: 300ms, 1.5h, 2h45m.</summary>
internal static class GoDuration
{
    // Go counts nanoseconds in 64 bits: some 292 years.
    private static readonly TimeSpan Longest = TimeSpan.FromMicroseconds(long.MaxValue / 1000);

    /// <summary>
    /// Parses <paramref name="text"/>; a number without a unit counts in <paramref name="bareUnit"/>. False, too, when it is longer than Go can count (some 292 years).
    /// </summary>
    public static bool TryParse(string text, TimeSpan bareUnit, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        text = text.Trim();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bare))
        {
            return TryAdd(ref duration, bareUnit, bare);
        }

        var negative = text.StartsWith('-');
        var rest = text.AsSpan(negative || text.StartsWith('+') ? 1 : 0);
        if (rest.IsEmpty)
        {
            return false;
        }

        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAny("0123456789.");
            var unit = letters < 0 ? rest : rest[..letters];
            rest = rest[unit.Length..];
            TimeSpan? size = unit switch
            {
                "ns" => TimeSpan.FromTicks(1),
                "us" or "µs" or "μs" => TimeSpan.FromMicroseconds(1),
                "ms" => TimeSpan.FromMilliseconds(1),
                "s" => TimeSpan.FromSeconds(1),
                "m" => TimeSpan.FromMinutes(1),
                "h" => TimeSpan.FromHours(1),
                _ => null,
            };
            if (size is null || !TryAdd(ref duration, size.Value, unit is "ns" ? Math.Floor(number / TimeSpan.NanosecondsPerTick) : number))
            {
                return false;
            }
        }

        if (negative)
        {
            duration = -duration;
        }

        return true;
    }

    private static bool TryAdd(ref TimeSpan duration, TimeSpan unit, double count)
    {
        var fits = Math.Abs(count) <= (Longest - duration) / unit;
        duration += fits ? unit * count : TimeSpan.Zero;
        return fits;
    }
}
