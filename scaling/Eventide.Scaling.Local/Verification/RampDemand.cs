using Eventide.Scaling.Demand;

namespace Eventide.Scaling.Local.Verification;

/// <summary>A demand that runs in straight lines from one point to the next; before the first and after the last it stays as it is there.</summary>
internal sealed class RampDemand(string name, IReadOnlyList<RampPoint> points) : IDemand
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public double RateAt(TimeSpan time)
    {
        var after = points.Count - 1;
        while (after > 0 && points[after - 1].At >= time)
        {
            after--;
        }

        if (after == 0 || points[after].At <= time)
        {
            return points[after].PerSecond;
        }

        var (from, to) = (points[after - 1], points[after]);
        return from.PerSecond + ((to.PerSecond - from.PerSecond) * ((time - from.At) / (to.At - from.At)));
    }
}

/// <summary>A point of such a line.</summary>
/// <param name="At">Since the begin.</param>
/// <param name="PerSecond">Events per second.</param>
internal sealed record RampPoint(TimeSpan At, double PerSecond);
