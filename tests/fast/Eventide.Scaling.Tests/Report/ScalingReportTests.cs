using System.Text.RegularExpressions;
using Eventide.Scaling.Report;
using Eventide.Scaling.Shop;

namespace Eventide.Scaling.Tests.Report;

/// <summary>The page is complete in itself, and made of the chart that is committed.</summary>
public sealed partial class ScalingReportTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-scaling-").FullName;

    [Fact]
    public void The_page_stands_alone_and_shows_every_scenario_with_pictures_for_wide_and_narrow_screens()
    {
        var settings = Settings();

        var page = File.ReadAllText(ScalingReport.Simulate(settings, _ => { }).Write());

        Assert.DoesNotMatch(External(), page);
        foreach (var scenario in new[] { "article", "salecycle", "oberlo", "black-friday", "fleet", "settings" })
        {
            Assert.Contains($"id=\"{scenario}\"", page);
        }

        Assert.Equal(2 * ((4 * 3) + 1), Picture().Count(page));
        var names = ClipPath().Matches(page).Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(names.Distinct().Count(), names.Count);
        Assert.Equal(13, Directory.GetFiles(settings.Output, "*.png").Length);
    }

    [Fact]
    public void The_same_seed_gives_the_same_page()
    {
        var settings = Settings();

        Assert.Equal(File.ReadAllText(ScalingReport.Simulate(settings, _ => { }).Write()), File.ReadAllText(ScalingReport.Simulate(settings, _ => { }).Write()));
    }

    [Fact]
    public void What_is_missing_is_named_with_what_makes_it() => Assert.Equal(
        "/nowhere/shop.json is missing; `make measure` writes it.",
        Assert.Throws<InvalidDataException>(() => ScalingReport.Simulate(Settings() with { Measurement = "/nowhere/shop.json" }, _ => { })).Message);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ReportSettings Settings()
    {
        Dictionary<string, double> Topics(params string[] topics) => topics.ToDictionary(topic => topic, _ => 1.0);
        var measurement = Path.Combine(_folder, "shop.json");
        new ShopMeasurement("a test", DateTimeOffset.UnixEpoch, "make measure", 4, 6, 3, new Dictionary<string, ServiceMeasurement>
        {
            ["ordering"] = new(4, 3, 3, 3, 120, Topics("inventory", "payments", "shipments")),
            ["inventory"] = new(2, 1, 3, 3, 90, Topics("orders", "stock-requests")),
            ["payment"] = new(1, 1, 3, 3, 90, Topics("payment-requests")),
            ["catalog"] = new(1, 1, 3, 3, 90, Topics()),
        }).Write(measurement);
        return new ReportSettings(
            measurement, Path.Combine(Repository.Root, ReportSettings.DefaultChart), Path.Combine(Repository.Root, "scaling/curves"), 2_000_000, 1000, 1, Path.Combine(_folder, "out"));
    }

    [GeneratedRegex("(src|href)=\"(?!#)")]
    private static partial Regex External();

    [GeneratedRegex("<svg ")]
    private static partial Regex Picture();

    [GeneratedRegex("<clipPath id=\"([^\"]+)\"")]
    private static partial Regex ClipPath();
}
