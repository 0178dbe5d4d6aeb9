namespace Eventide.Scaling.Report;

/// <summary>What the page is made of.</summary>
/// <param name="Measurement">What the services take.</param>
/// <param name="Chart">A render of the chart.</param>
/// <param name="Curves">The folder of demand curves.</param>
/// <param name="Orders">Per day.</param>
internal sealed record ReportSettings(string Measurement, string Chart, string Curves, double Orders, int Vehicles, int Seed, string Output)
{
    /// <summary>The committed render of the chart with Redis and KEDA.</summary>
    public const string DefaultChart = "tests/charts/Eventide.Charts.Tests/Golden/production-redis-keda.yaml";
}
