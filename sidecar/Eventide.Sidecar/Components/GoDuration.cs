using System.Globalization;

namespace Eventide.Sidecar.Components;

/// <summary>Durations as Go and so all of Dapr's files write them: 300ms, 1.5h, 2h45m.</summary>
internal static class GoDuration
{
    /// <summary>Parses <paramref name="text"/>; a number without a unit counts in <paramref name="bareUnit"/>.</summary>
    public static bool TryParse(string text, TimeSpan bareUnit, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        text = text.Trim();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bare))
        {
            duration = bareUnit * bare;
            return true;
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
            if (size is null)
            {
                return false;
            }

            duration += unit is "ns" ? TimeSpan.FromTicks((long)(number / 100)) : size.Value * number;
        }

        if (negative)
        {
            duration = -duration;
        }

        return true;
    }
}
