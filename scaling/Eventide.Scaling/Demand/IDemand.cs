namespace Eventide.Scaling.Demand;

/// <summary>Something that happens outside and makes work inside: people who browse, people who order, vehicles that talk.</summary>
public interface IDemand
{
    /// <summary>As the feeds of services name it.</summary>
    string Name { get; }

    /// <summary>Expected events per second at a time since midnight; above 24 hours it is the next day.</summary>
    double RateAt(TimeSpan time);
}

/// <summary>A volume per day along a curve.</summary>
public sealed class CurveDemand(string name, DailyCurve curve, double perDay, Surge? surge = null) : IDemand
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public double RateAt(TimeSpan time) => perDay * curve.RateAt(time) * (surge?.FactorAt(time) ?? 1);
}

/// <summary>The readings of a fleet.</summary>
/// <param name="vehiclesPerDriver">So many vehicles do what one of the fleet's drivers does: a large fleet without drawing each of its days.</param>
public sealed class FleetDemand(string name, Fleet fleet, int vehiclesPerDriver = 1) : IDemand
{
    /// <inheritdoc/>
    public string Name => name;

    /// <summary>Whose readings these are.</summary>
    public Fleet Fleet => fleet;

    /// <inheritdoc/>
    public double RateAt(TimeSpan time) => vehiclesPerDriver * fleet.ReadingsPerSecondAt(time);
}

/// <summary>A step: between two times everything is multiplied, at once and without warning, as when a sale opens.</summary>
public sealed record Surge(TimeSpan Begin, TimeSpan End, double Factor)
{
    /// <summary>A sale opens at ten: five times as many, for two hours.</summary>
    public static Surge BlackFriday { get; } = new(TimeSpan.FromHours(10), TimeSpan.FromHours(12), 5);

    /// <summary>What the rate is multiplied with.</summary>
    public double FactorAt(TimeSpan time) => time >= Begin && time < End ? Factor : 1;
}
