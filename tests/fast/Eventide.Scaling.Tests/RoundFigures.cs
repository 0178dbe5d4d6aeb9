using Eventide.Scaling.Shop;

namespace Eventide.Scaling.Tests;

/// <summary>A made-up measurement in which every figure is round.</summary>
internal static class RoundFigures
{
    /// <param name="monolithOrder">Processor milliseconds of an order in the monolith; the services take 12 for one.</param>
    public static ShopMeasurement Shop(double monolithOrder = 9)
    {
        Dictionary<string, double> Topics(params string[] topics) => topics.ToDictionary(topic => topic, _ => 1.0);
        return new ShopMeasurement("a test", DateTimeOffset.UnixEpoch, "make measure", 4, 6, 3, new Dictionary<string, ServiceMeasurement>
        {
            ["ordering"] = new(4, 3, 3, 3, 120, Topics("inventory", "payments", "shipments")),
            ["inventory"] = new(2, 1, 3, 3, 90, Topics("orders", "stock-requests")),
            ["payment"] = new(1, 1, 3, 3, 90, Topics("payment-requests")),
            ["catalog"] = new(0.5, 0.5, 3, 3, 90, Topics()),

            // Nothing to do for an order.
            ["fleet"] = new(0, 0, 3, 3, 90, new Dictionary<string, double> { ["telemetry"] = 0 }),
            ["telemetry"] = new(0, 0, 3, 3, 90, new Dictionary<string, double>()),
        })
        {
            Fleet = new FleetMeasurement(50, 0.02, 0.01, 0.1, 0.1, 5, 50),
            Monolith = new MonolithMeasurement(new ServiceMeasurement(monolithOrder * 2 / 3, monolithOrder / 3, 5, 5, 200, Topics("orders")), 0.5, 0.5, 6, 6, 3),
        };
    }
}
