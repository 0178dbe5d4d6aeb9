using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Tests.Support;

namespace Eventide.Scaling.Load.Tests.Schedule;

/// <summary>Arrivals are random as independent people are, and as many as the demand says.</summary>
public class PoissonArrivalsTests
{
    [Fact]
    public void Seconds_have_the_mean_and_the_spread_of_a_poisson_process()
    {
        const int seconds = 20_000;
        var counts = new double[seconds];
        foreach (var at in Draw(Plans.Demand("pages", 3), seconds, seed: 1))
        {
            counts[(int)at.TotalSeconds]++;
        }

        var mean = counts.Average();
        Assert.Equal(3, mean, 5 * Math.Sqrt(3.0 / seconds));
        Assert.Equal(1, counts.Average(count => (count - mean) * (count - mean)) / mean, 0.05);
    }

    [Fact]
    public void Gaps_between_arrivals_are_exponential()
    {
        var times = Draw(Plans.Demand("pages", 5), 20_000, seed: 2).Select(at => at.TotalSeconds).ToArray();
        var gaps = times.Zip(times.Skip(1), (one, next) => next - one).ToArray();

        Assert.All(gaps, gap => Assert.True(gap >= 0));
        Assert.Equal(0.2, gaps.Average(), 0.004);
        Assert.Equal(Math.Exp(-1), gaps.Count(gap => gap > 0.2) / (double)gaps.Length, 0.01);
        Assert.Equal(Math.Exp(-3), gaps.Count(gap => gap > 0.6) / (double)gaps.Length, 0.01);
    }

    [Fact]
    public void They_follow_the_curve_and_a_sale()
    {
        var curve = new DailyCurve([.. Enumerable.Range(0, 24).Select(hour => hour >= 12 ? 3.0 : 1.0)]);
        var demand = new CurveDemand("orders", curve, 480_000, new Surge(TimeSpan.FromHours(20), TimeSpan.FromHours(21), 5));
        var perHour = PoissonArrivals.Draw(demand, TimeSpan.Zero, TimeSpan.FromHours(24), 1, new Random(3)).CountBy(at => at.Hours).ToDictionary();

        Assert.Equal(10_000, perHour[6], 400.0);
        Assert.Equal(30_000, perHour[15], 700.0);
        Assert.Equal(150_000, perHour[20], 1600.0);
    }

    [Fact]
    public void The_same_seed_gives_the_same_times_and_another_seed_others()
    {
        var demand = Plans.Demand("pages", 5);

        Assert.Equal(Draw(demand, 100, seed: 4), Draw(demand, 100, seed: 4));
        Assert.NotEqual(Draw(demand, 100, seed: 4), Draw(demand, 100, seed: 5));
    }

    [Fact]
    public void Where_there_is_no_demand_nobody_comes() => Assert.Empty(Draw(Plans.Demand("pages", 0), 1000, seed: 1));

    private static List<TimeSpan> Draw(IDemand demand, int seconds, int seed) =>
        [.. PoissonArrivals.Draw(demand, TimeSpan.Zero, TimeSpan.FromSeconds(seconds), 1, new Random(seed))];
}
