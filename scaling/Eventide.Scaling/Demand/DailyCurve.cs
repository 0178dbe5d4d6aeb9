namespace Eventide.Scaling.Demand;

/// <summary>
/// How a day's volume spreads over the day: one share per hour, the day after like the day before. Between the middles of two hours the rate runs in a straight
/// line. Immutable.
/// </summary>
public sealed class DailyCurve
{
    private const double SecondsPerHour = 3600;
    private const double SecondsPerDay = 24 * SecondsPerHour;
    private readonly double[] _rates;

    /// <param name="hourlyWeights">24 weights; only their proportions count.</param>
    /// <exception cref="ArgumentException">Not 24, one is negative, or all are zero.</exception>
    public DailyCurve(IReadOnlyList<double> hourlyWeights)
    {
        if (hourlyWeights.Count != 24 || hourlyWeights.Any(weight => weight < 0 || !double.IsFinite(weight)) || hourlyWeights.Sum() <= 0)
        {
            throw new ArgumentException("A curve has 24 weights, one per hour; none is negative and one at least is not zero.", nameof(hourlyWeights));
        }

        // The straight lines through the middles of the hours keep the day's total: each weight is shared by the two lines that meet in it.
        var total = hourlyWeights.Sum();
        _rates = [.. hourlyWeights.Select(weight => weight / total / SecondsPerHour)];
    }

    /// <summary>The part of the day's volume per second at this time of day.</summary>
    public double RateAt(TimeSpan timeOfDay)
    {
        var position = (timeOfDay.TotalSeconds % SecondsPerDay / SecondsPerHour) - 0.5;
        var hour = (int)Math.Floor(position);
        var fraction = position - hour;
        return ((1 - fraction) * _rates[(hour + 24) % 24]) + (fraction * _rates[(hour + 25) % 24]);
    }
}
