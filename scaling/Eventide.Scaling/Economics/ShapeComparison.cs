using Eventide.Scaling.Chart;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Economics;

/// <summary>Both shapes at the same load on the same day.</summary>
public sealed record LoadComparison(double Orders, ShapeDay Services, ShapeDay Monolith)
{
    /// <summary>How many times what the monolith costs the services cost.</summary>
    public double Ratio => Services.Cost / Monolith.Cost;
}

/// <summary>Both shapes under one curve, from a small shop to a large one.</summary>
/// <param name="BreakEven">Orders a day from which on services cost less, up to the largest load that was tried; null when they do at none.</param>
public sealed record CurveComparison(string Name, string Title, IReadOnlyList<LoadComparison> Loads, double? BreakEven)
{
    /// <summary>At a load that was tried.</summary>
    public LoadComparison At(double orders) => Loads.Single(load => load.Orders == orders);
}

/// <summary>Everything that the question "do I need services?" is answered from: simulated days, the same seed and prices for both shapes.</summary>
/// <param name="Orders">The load of the tables.</param>
/// <param name="CpuMsPerOrderServices">Processor milliseconds of one order alone, measured; apps and sidecars.</param>
/// <param name="CpuMsPerPageServices">The same of one page.</param>
public sealed record ShapeComparison(
    double Orders, ShapeFloor ServicesFloor, ShapeFloor MonolithFloor, double CpuMsPerOrderServices, double CpuMsPerOrderMonolith, double CpuMsPerPageServices,
    double CpuMsPerPageMonolith, IReadOnlyList<CurveComparison> Curves)
{
    /// <summary>Orders a day, from a shop that a handful of people run to one of the largest.</summary>
    public static IReadOnlyList<double> DefaultLoads { get; } = [1e3, 3e3, 1e4, 3e4, 1e5, 3e5, 1e6, 3e6, 1e7];

    private const int Halvings = 5;
    private const int NoLimit = 10_000;

    // Fine enough for controllers that look every 15 seconds: there are many days to simulate.
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(5);

    /// <summary>Simulates every day at every load, in both shapes.</summary>
    /// <param name="orders">The load of the tables; it is tried too.</param>
    /// <exception cref="InvalidDataException">The measurement has no monolith, or the chart no catalog with a HorizontalPodAutoscaler.</exception>
    public static ShapeComparison Simulate(
        IReadOnlyList<ShopDay> days, double orders, ShopMeasurement measured, RenderedChart chart, Prices prices, int seed, IReadOnlyList<double>? loads = null)
    {
        var tried = (loads ?? DefaultLoads).Append(orders).Distinct().Order().ToList();
        LoadComparison At(ShopDay day, double load) => new(
            load,
            ShapeDay.Of(Simulator.Run(ForComparison(day.Services(load, measured, chart, seed))), load, prices),
            ShapeDay.Of(Simulator.Run(ForComparison(day.Monolith(load, measured, chart, seed))), load, prices));

        var comparisons = new LoadComparison[days.Count * tried.Count];
        Parallel.For(0, comparisons.Length, index => comparisons[index] = At(days[index / tried.Count], tried[index % tried.Count]));
        var curves = days.Select((day, index) =>
        {
            var along = comparisons.Skip(index * tried.Count).Take(tried.Count).ToList();
            return new CurveComparison(day.Name, day.Title, along, BreakEven(along, load => At(day, load)));
        }).ToList();

        // What a day holds ready at the least does not depend on its curve.
        var (services, monolith) = (days[0].Services(orders, measured, chart, seed), days[0].Monolith(orders, measured, chart, seed));
        return new ShapeComparison(
            orders, ShapeFloor.Of(services, prices), ShapeFloor.Of(monolith, prices), measured.CpuPerOrder, measured.CpuPerOrderOfMonolith,
            measured.CpuPerPage, measured.CpuPerPageOfMonolith, curves);
    }

    /// <summary>The limits of the chart are for its size; a comparison of a thousand times that would only show who is stopped first.</summary>
    private static Scenario ForComparison(Scenario scenario) => scenario with
    {
        Step = Step,
        Services =
        [
            .. scenario.Services.Select(service => service with
            {
                Autoscaling = service.Autoscaling switch
                {
                    ByHpa hpa => new ByHpa(hpa.Spec with { MaxReplicas = NoLimit }),
                    ByKeda keda => new ByKeda(keda.Spec with { MaxReplicaCount = NoLimit }),
                    var other => other,
                },
            }),
        ],
    };

    private static double? BreakEven(IReadOnlyList<LoadComparison> loads, Func<double, LoadComparison> at)
    {
        // From where on, not where first: a load at which they happen to be even is no reason to change.
        var first = loads.Count;
        while (first > 0 && loads[first - 1].Ratio <= 1)
        {
            first--;
        }

        if (first == loads.Count)
        {
            return null;
        }

        if (first == 0)
        {
            return loads[0].Orders;
        }

        var (below, above) = (loads[first - 1].Orders, loads[first].Orders);
        for (var halving = 0; halving < Halvings; halving++)
        {
            var middle = Math.Sqrt(below * above);
            (below, above) = at(middle).Ratio <= 1 ? (below, middle) : (middle, above);
        }

        return above;
    }
}
