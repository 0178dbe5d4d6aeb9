using System.Text.RegularExpressions;
using Eventide.Scaling.Report;

namespace Eventide.Scaling.Tests.Report;

/// <summary>The page is complete in itself, and made of the chart that is committed.</summary>
public sealed partial class ScalingReportTests : IDisposable
{
    private static readonly EconomicsSettings Prices = new(Path.Combine(Repository.Root, EconomicsSettings.DefaultPrices));
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-scaling-").FullName;

    [Fact]
    public void The_page_stands_alone_and_shows_every_scenario_with_pictures_for_wide_and_narrow_screens()
    {
        var settings = Settings();

        var page = File.ReadAllText(ScalingReport.Simulate(settings, Prices, _ => { }).Write());

        Assert.DoesNotMatch(External(), page);
        foreach (var scenario in new[] { "article", "salecycle", "oberlo", "black-friday", "economics", "fleet", "settings" })
        {
            Assert.Contains($"id=\"{scenario}\"", page);
        }

        // Of every day the demand and the replicas at the least, two of the fleet and one of the cost; each is there for both screens and as a file.
        var files = Directory.GetFiles(settings.Output, "*.png").Length;
        Assert.InRange(files, (4 * 2) + 3, (4 * 4) + 3);
        Assert.Equal(2 * files, Picture().Count(page));
        var names = ClipPath().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(names.Distinct().Count(), names.Count);
    }

    [Fact]
    public void The_same_seed_gives_the_same_page()
    {
        var settings = Settings();

        Assert.Equal(File.ReadAllText(ScalingReport.Simulate(settings, Prices, _ => { }).Write()), File.ReadAllText(ScalingReport.Simulate(settings, Prices, _ => { }).Write()));
    }

    [Fact]
    public void What_is_missing_is_named_with_what_makes_it() => Assert.Equal(
        "/nowhere/shop.json is missing; `make measure` writes it.",
        Assert.Throws<InvalidDataException>(() => ScalingReport.Simulate(Settings() with { Measurement = "/nowhere/shop.json" }, Prices, _ => { })).Message);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ReportSettings Settings()
    {
        var measurement = Path.Combine(_folder, "shop.json");
        RoundFigures.Shop().Write(measurement);
        return new ReportSettings(
            measurement, Path.Combine(Repository.Root, ReportSettings.DefaultChart), Path.Combine(Repository.Root, "scaling/curves"), 2_000_000, 1000, 1, Path.Combine(_folder, "out"))
        {
            Loads = [100_000],
        };
    }

    [GeneratedRegex("(src|href)=\"(?!#)")]
    private static partial Regex External();

    [GeneratedRegex("<svg ")]
    private static partial Regex Picture();

    [GeneratedRegex("<clipPath id=\"([^\"]+)\"")]
    private static partial Regex ClipPath();
}
