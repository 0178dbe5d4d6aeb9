using CsCheck;
using Eventide.Scaling.Demand;

namespace Eventide.Scaling.Tests.Demand;

/// <summary>Curves keep their volume, files say what is wrong with them, a fleet is what its drivers do.</summary>
public class DemandTests
{
    [Fact]
    public void A_day_sums_up_to_one_whatever_its_shape() =>
        Gen.Double[0, 100].Array[24].Where(weights => weights.Sum() > 1).Sample(weights =>
        {
            var curve = new DailyCurve(weights);
            return Math.Abs(Enumerable.Range(0, 86_400).Sum(second => curve.RateAt(TimeSpan.FromSeconds(second + 0.5))) - 1) < 1e-6;
        }, iter: 20);

    [Fact]
    public void In_the_middle_of_an_hour_the_rate_is_that_of_the_hour()
    {
        var curve = new DailyCurve([.. Enumerable.Range(0, 24).Select(hour => hour == 20 ? 3.0 : 1.0)]);

        Assert.Equal(3.0 / 26 / 3600, curve.RateAt(TimeSpan.FromHours(20.5)), 1e-12);
        Assert.Equal(2.0 / 26 / 3600, curve.RateAt(TimeSpan.FromHours(20)), 1e-12);
        Assert.Equal(curve.RateAt(TimeSpan.FromHours(2)), curve.RateAt(TimeSpan.FromHours(26)), 1e-12);
    }

    [Theory]
    [InlineData("hour,a\n0,1", "the first lines must name the source")]
    [InlineData("# x\nhour,a\n0,1", "a header and 24 hours are needed")]
    public void A_file_that_lacks_something_is_named(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => CurveFile.Parse("bad", text.Split('\n'))).Message);

    [Fact]
    public void A_wrong_value_is_named_with_its_line()
    {
        var lines = new List<string> { "# source", "hour,a" };
        lines.AddRange(Enumerable.Range(0, 24).Select(hour => $"{hour},{(hour == 3 ? "many" : "1")}"));

        Assert.Equal("bad, line 6: \"many\" is not a number of at least 0.", Assert.Throws<InvalidDataException>(() => CurveFile.Parse("bad", lines)).Message);
    }

    [Fact]
    public void Hours_that_a_source_does_not_name_lie_on_a_straight_line()
    {
        var lines = new List<string> { "# source", "hour,a" };
        lines.AddRange(Enumerable.Range(0, 24).Select(hour => $"{hour},{hour switch { 6 => "2", 10 => "4", _ => "" }}"));
        var curve = CurveFile.Parse("gaps", lines).Curves["a"];

        Assert.Equal(1.5, curve.RateAt(TimeSpan.FromHours(8.5)) / curve.RateAt(TimeSpan.FromHours(6.5)), 1e-9);
        Assert.Equal(1.5, curve.RateAt(TimeSpan.FromHours(20.5)) / curve.RateAt(TimeSpan.FromHours(6.5)), 1e-9);
    }

    [Fact]
    public void Every_curve_of_the_project_names_its_source_and_its_licence()
    {
        var files = Directory.GetFiles(Path.Combine(Repository.Root, "scaling", "curves"), "*.csv");

        Assert.NotEmpty(files);
        Assert.All(files, file =>
        {
            var curve = CurveFile.Read(file);
            Assert.Contains(curve.Notes, note => note.StartsWith("Licence:", StringComparison.Ordinal));
            Assert.NotEmpty(curve.Curves);
        });
    }

    [Fact]
    public void A_fleet_is_quiet_at_night_busy_by_day_and_dips_at_lunch()
    {
        var fleet = Fleet.Simulate(10_000, seed: 1);
        double At(double hour) => fleet.ReadingsPerSecondAt(TimeSpan.FromHours(hour));

        Assert.True(At(3) < At(10) / 5, $"night {At(3):F0}/s, morning {At(10):F0}/s");
        var lunch = Enumerable.Range(0, 180).Min(minute => fleet.DrivingAt(TimeSpan.FromMinutes(660 + minute)));
        Assert.True(lunch < fleet.DrivingAt(TimeSpan.FromHours(10)) * 0.95, $"lunch {lunch}, morning {fleet.DrivingAt(TimeSpan.FromHours(10))}");
        Assert.True(fleet.DrivingAt(TimeSpan.FromHours(14)) > lunch);
    }

    [Fact]
    public void The_same_seed_gives_the_same_fleet()
    {
        var (one, other) = (Fleet.Simulate(500, seed: 7), Fleet.Simulate(500, seed: 7));

        Assert.All(Enumerable.Range(0, 24 * 60), minute => Assert.Equal(one.DrivingAt(TimeSpan.FromMinutes(minute)), other.DrivingAt(TimeSpan.FromMinutes(minute))));
    }

    [Fact]
    public void Random_arrivals_have_the_expected_mean_and_spread() =>
        Gen.Double[0.1, 200].Sample(expected =>
        {
            var random = new Random(1);
            var draws = Enumerable.Range(0, 20_000).Select(_ => (double)Poisson.Next(random, expected)).ToArray();
            var mean = draws.Average();
            var variance = draws.Average(draw => (draw - mean) * (draw - mean));
            return Math.Abs(mean - expected) < 5 * Math.Sqrt(expected / 20_000) && Math.Abs(variance / expected - 1) < 0.1;
        }, iter: 20);
}
