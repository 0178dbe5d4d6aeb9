using Eventide.Scaling.Demand;
using Eventide.Scaling.Shop;

namespace Eventide.Scaling.Load.Tests.Support;

/// <summary>Plans for tests, in which simulated time is real time.</summary>
internal static class Plans
{
    private static readonly DailyCurve Flat = new([.. Enumerable.Repeat(1.0, 24)]);

    /// <summary>Visitors who each look at one page, at a rate per second.</summary>
    public static LoadPlan Pages(double perSecond, double seconds) => Of(seconds, Demand(ShopScenarios.Pages, perSecond)) with { Shoppers = new ShopperHabits { PagesPerVisit = 1 } };

    /// <summary>Customers, at a rate per second.</summary>
    public static LoadPlan Orders(double perSecond, double seconds) =>
        Of(seconds, Demand(ShopScenarios.Orders, perSecond)) with { Shoppers = new ShopperHabits { BetweenSteps = TimeSpan.FromMilliseconds(100) } };

    /// <summary>Vehicles at ten in the morning, a minute of their time in a second.</summary>
    public static LoadPlan Vehicles(int number, double seconds) =>
        Of(seconds * 60, new FleetDemand("fleet", Fleet.Simulate(number, seed: 1))) with { Begin = TimeSpan.FromHours(10), Compression = 60 };

    public static LoadPlan Of(double seconds, params IDemand[] demands) => new()
    {
        Demands = demands,
        Begin = TimeSpan.FromHours(12),
        Duration = TimeSpan.FromSeconds(seconds),
        Compression = 1,
        RunId = "test",
    };

    public static IDemand Demand(string name, double perSecond) => new CurveDemand(name, Flat, perSecond * 86_400);
}
