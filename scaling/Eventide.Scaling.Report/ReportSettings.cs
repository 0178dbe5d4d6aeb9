using Eventide.Scaling.Chart;
using Eventide.Scaling.Economics;
using Eventide.Scaling.Shop;

namespace Eventide.Scaling.Report;

/// <summary>What the page is made of.</summary>
/// <param name="Measurement">What the services take.</param>
/// <param name="Chart">A render of the chart.</param>
/// <param name="Curves">The folder of demand curves.</param>
/// <param name="Orders">Per day.</param>
internal sealed record ReportSettings(string Measurement, string Chart, string Curves, double Orders, int Vehicles, int Seed, string Output)
{
    /// <summary>Orders a day at which the shapes are compared.</summary>
    public IReadOnlyList<double> Loads { get; init; } = ShapeComparison.DefaultLoads;

    /// <summary>The committed render of the chart with Redis and KEDA.</summary>
    public const string DefaultChart = "tests/charts/Eventide.Charts.Tests/Golden/production-redis-keda.yaml";

    /// <summary>What the services take.</summary>
    /// <exception cref="InvalidDataException">The file is missing or wrong.</exception>
    public ShopMeasurement ReadMeasurement() => ShopMeasurement.Read(Existing(Measurement, "`make measure` writes it"));

    /// <summary>How they scale.</summary>
    /// <exception cref="InvalidDataException">The file is missing or wrong.</exception>
    public RenderedChart ReadChart() => RenderedChart.Read(Existing(Chart, "`make chart` renders it"));

    private static string Existing(string path, string remedy) => File.Exists(path) ? path : throw new InvalidDataException($"{path} is missing; {remedy}.");
}
