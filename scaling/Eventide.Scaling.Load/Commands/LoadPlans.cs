using Eventide.Scaling.Demand;
using Eventide.Scaling.Shop;
using Eventide.Tools;

namespace Eventide.Scaling.Load.Commands;

/// <summary>Makes a plan of what the command line says.</summary>
internal static class LoadPlans
{
    private const string BlackFriday = "black-friday";
    private const string Browse = "browse";

    /// <exception cref="ToolException">A setting cannot be; the message says what may.</exception>
    public static LoadPlan Create(LoadSettings settings, string curves)
    {
        var demands = new List<IDemand>();
        if (settings.OrdersPerDay > 0)
        {
            var (curve, surge) = Read(settings.Curve, curves);
            demands.Add(new CurveDemand(ShopScenarios.Orders, curve.Curves[ShopScenarios.Orders], settings.OrdersPerDay, surge));
            if (settings.PagesPerOrder > 0)
            {
                demands.Add(new CurveDemand(ShopScenarios.Pages, curve.Curves[Browse], settings.OrdersPerDay * settings.PagesPerOrder, surge));
            }
        }

        if (settings.Vehicles > 0)
        {
            demands.Add(new FleetDemand("fleet", Fleet.Simulate(settings.Vehicles, settings.Seed)));
        }

        if (demands.Count == 0)
        {
            throw new ToolException("There is nothing to do: ORDERS_PER_DAY and VEHICLES are both 0; give one of them a number.");
        }

        return new LoadPlan
        {
            Demands = demands,
            Begin = settings.From ?? TimeSpan.FromHours(settings.Curve == BlackFriday ? 9 : 17),
            Duration = TimeSpan.FromHours(settings.Hours),
            Compression = settings.Speed,
            Seed = settings.Seed,
        };
    }

    private static (CurveFile Curve, Surge? Surge) Read(string name, string curves)
    {
        var files = Directory.GetFiles(curves, "*.csv").Select(CurveFile.Read).Where(file => file.Curves.ContainsKey(ShopScenarios.Orders) && file.Curves.ContainsKey(Browse))
            .ToDictionary(file => file.Name);
        var surge = name == BlackFriday ? Surge.BlackFriday : null;
        return files.TryGetValue(surge is null ? name : "article", out var file)
            ? (file, surge)
            : throw new ToolException($"There is no curve {name} for a shop; there are: {string.Join(", ", files.Keys.Append(BlackFriday).Order(StringComparer.Ordinal))}.");
    }
}
