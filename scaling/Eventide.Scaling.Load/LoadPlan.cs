using Eventide.Scaling.Demand;
using Eventide.Scaling.Shop;

namespace Eventide.Scaling.Load;

/// <summary>What a load run does; the same plan intends the same actions at the same times.</summary>
public sealed record LoadPlan
{
    /// <summary>
    /// What happens outside: <see cref="ShopScenarios.Orders"/> are customers who buy, <see cref="ShopScenarios.Pages"/> are visitors who look at pages, and a
    /// <see cref="FleetDemand"/> is its vehicles.
    /// </summary>
    public required IReadOnlyList<IDemand> Demands { get; init; }

    /// <summary>The simulated time of day at which it begins.</summary>
    public TimeSpan Begin { get; init; } = TimeSpan.FromHours(17);

    /// <summary>How much simulated time passes.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromHours(4);

    /// <summary>How many simulated seconds pass in a real one. What happens in a simulated second happens so much faster.</summary>
    public double Compression { get; init; } = 60;

    /// <summary>Every demand times this, to fit it to the machine; of a fleet, so many of its vehicles take part.</summary>
    public double VolumeScale { get; init; } = 1;

    /// <summary>Of everything that is left to chance.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>
    /// Stands before the ids of customers, orders and vehicles, so that runs against the same shop do not meet: letters, digits, - and _. By default it follows from
    /// the time at which the run begins.
    /// </summary>
    public string? RunId { get; init; }

    /// <summary>What visitors and customers do.</summary>
    public ShopperHabits Shoppers { get; init; } = new();

    /// <summary>What vehicles do.</summary>
    public DeviceHabits Devices { get; init; } = new();

    /// <summary>An answer that comes more than this after its action was intended is called late.</summary>
    public TimeSpan LateAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After the last action, how long orders may take to end and readings to be counted.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(90);

    /// <summary>The most actions without an answer. Above it actions are not sent, and counted: memory and sockets have an end, and a shop that is so far behind is overloaded.</summary>
    public int MostUnanswered { get; init; } = 5000;

    /// <summary>How long it takes.</summary>
    public TimeSpan RealDuration => Duration / Compression;

    /// <exception cref="ArgumentException">Something cannot be; the message says what may.</exception>
    internal void Validate()
    {
        Require(Demands.Count > 0, "The plan has no demand; give it orders, pages or a fleet.");
        Require(Duration > TimeSpan.Zero && Duration <= TimeSpan.FromDays(3), "The duration is from above 0 to 72 hours of simulated time.");
        Require(Begin >= TimeSpan.Zero && Begin < TimeSpan.FromHours(24), "The time of day at which the run begins is from 00:00 to 23:59.");
        Require(Compression is > 0 and <= 10_000, "The speed is from above 0 to 10,000 simulated seconds in a real one.");
        Require(VolumeScale is > 0 and <= 1000, "The volume is scaled by a number from above 0 to 1000.");
        Require(RunId is null || (RunId is { Length: > 0 and <= 40 } && RunId.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_')),
            "The id of a run has 1 to 40 letters, digits, - or _.");
        Require(Demands.Select(demand => demand.Name).Distinct().Count() == Demands.Count && Demands.Count(demand => demand is FleetDemand) < 2,
            "Each demand has its own name, and there is one fleet at most.");
        Require(MostUnanswered > 0, "At least one action may be without an answer.");
        foreach (var demand in Demands)
        {
            Require(demand is FleetDemand || demand.Name is ShopScenarios.Orders or ShopScenarios.Pages,
                $"The load generator does not know the demand {demand.Name}; it knows {ShopScenarios.Orders}, {ShopScenarios.Pages} and fleets.");
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new ArgumentException(otherwise);
        }
    }
}

/// <summary>What visitors and customers do. Times are simulated, means of what is drawn at random.</summary>
public sealed record ShopperHabits
{
    /// <summary>Pages that a visitor looks at, on average.</summary>
    public double PagesPerVisit { get; init; } = 5;

    /// <summary>Between two pages.</summary>
    public TimeSpan BetweenPages { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Between two steps towards an order: putting a product into the basket, paying.</summary>
    public TimeSpan BetweenSteps { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many people there are; some come again.</summary>
    public int Customers { get; init; } = 10_000;

    /// <summary>The share of orders whose payment is declined.</summary>
    public double DeclinedShare { get; init; } = 0.02;

    /// <summary>The share of orders that go where the carrier does not.</summary>
    public double NotDeliverableShare { get; init; } = 0.01;
}

/// <summary>What vehicles do. Times are simulated.</summary>
public sealed record DeviceHabits
{
    /// <summary>The share of vehicles that send each reading themselves; the others send through a gateway.</summary>
    public double AloneShare { get; init; } = 0.2;

    /// <summary>Vehicles behind one gateway.</summary>
    public int VehiclesPerGateway { get; init; } = 50;

    /// <summary>How long a gateway collects before it sends.</summary>
    public TimeSpan GatewayInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The share of readings that are sent a second time, by devices that were not sure of the first.</summary>
    public double DuplicateShare { get; init; } = 0.01;

    /// <summary>The share of readings that wait in their device while newer ones are sent, as in a tunnel.</summary>
    public double LateShare { get; init; } = 0.01;

    /// <summary>The longest that such a reading waits.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(5);
}
