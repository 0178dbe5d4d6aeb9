using Eventide.Scaling.Demand;

namespace Eventide.Scaling.Load.Schedule;

/// <summary>
/// Arrivals of people who do not know each other: a Poisson process whose rate follows a demand. Exact for a rate that stands still within a second: waiting times of
/// mean one are drawn, and time passes through them as fast as the rate is high.
/// </summary>
internal static class PoissonArrivals
{
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    /// <summary>Times since midnight, in ascending order. The same generator gives the same times.</summary>
    /// <param name="scale">Times the rate of the demand.</param>
    public static IEnumerable<TimeSpan> Draw(IDemand demand, TimeSpan begin, TimeSpan duration, double scale, Random random)
    {
        var wait = Exponential(random);
        for (var time = begin; time < begin + duration; time += Step)
        {
            var rate = demand.RateAt(time) * scale;
            var second = 0.0;
            while (rate > 0 && wait <= rate * (1 - second))
            {
                second += wait / rate;
                yield return time + (Step * second);
                wait = Exponential(random);
            }

            wait -= rate * (1 - second);
        }
    }

    /// <summary>A waiting time of mean one.</summary>
    public static double Exponential(Random random) => -Math.Log(1 - random.NextDouble());
}
