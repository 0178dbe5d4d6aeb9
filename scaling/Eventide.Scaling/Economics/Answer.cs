using System.Globalization;

namespace Eventide.Scaling.Economics;

/// <summary>The comparison in plain sentences.</summary>
public static class Answer
{
    /// <summary>Do I need services, for the money? Says no when that is so.</summary>
    public static string To(ShapeComparison comparison, Prices prices)
    {
        var largest = comparison.Curves.Max(curve => curve.Loads.Max(load => load.Orders));
        var paying = comparison.Curves.Where(curve => curve.BreakEven is not null).ToList();
        var ratios = comparison.Curves.Select(curve => curve.Loads[^1].Ratio).ToList();
        var floors = string.Create(CultureInfo.InvariantCulture,
            $"Before the first order, services hold {comparison.ServicesFloor.Replicas} replicas and {comparison.ServicesFloor.CostPerDay:0.00} {prices.Currency} a day ready, the monolith {comparison.MonolithFloor.Replicas} and {comparison.MonolithFloor.CostPerDay:0.00}.");
        var verdict = paying.Count switch
        {
            0 => string.Create(CultureInfo.InvariantCulture,
                $"Not for the money: on none of the {comparison.Curves.Count} days do services cost less than the monolith, at any load up to {largest:N0} orders a day, where they still cost {Range(ratios)} times as much: an order takes {comparison.CpuMsPerOrderServices:0.0} ms of processor time in the services and {comparison.CpuMsPerOrderMonolith:0.0} ms in the monolith."),
            var some when some == comparison.Curves.Count =>
                $"For the money from {Orders(paying)} orders a day on: below that the monolith costs less, on every one of the {some} days.",
            _ => $"It depends on the day: services cost less {string.Join(", ", paying.Select(curve => $"from {Orders([curve])} orders a day on under \"{curve.Name}\""))}; on the other days at no load up to {largest.ToString("N0", CultureInfo.InvariantCulture)}.",
        };
        return $"{verdict} {floors}";
    }

    private static string Orders(IReadOnlyList<CurveComparison> curves)
    {
        // Two digits: more would pretend that the model is as exact as that.
        var (least, most) = (Rounded(curves.Min(curve => curve.BreakEven!.Value)), Rounded(curves.Max(curve => curve.BreakEven!.Value)));
        return least == most ? least.ToString("N0", CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{least:N0} to {most:N0}");
    }

    private static double Rounded(double orders)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(orders)) - 1);
        return Math.Round(orders / unit) * unit;
    }

    private static string Range(List<double> ratios)
    {
        var (least, most) = (ratios.Min().ToString("0.0", CultureInfo.InvariantCulture), ratios.Max().ToString("0.0", CultureInfo.InvariantCulture));
        return least == most ? least : $"{least} to {most}";
    }
}
