using System.Text.Json.Serialization;
using Eventide.Contracts;
using Eventide.Tools.Faults;

namespace Eventide.Tools.Demo;

/// <summary>What the command line decides about a demo, or about chaos, which is a demo with faults.</summary>
/// <param name="Orders">How many there are in a round.</param>
/// <param name="Seed">Which orders; the same seed and number give the same ones.</param>
/// <param name="InFlight">Orders at a time.</param>
/// <param name="Broker">A folder of <c>components/brokers</c>.</param>
/// <param name="Store">A folder of <c>components/stores</c>.</param>
/// <param name="Resources">Component folders in place of those of broker and store; empty takes those.</param>
/// <param name="Data">Where the shop keeps its data; null takes a temporary folder, which goes when all is well.</param>
/// <param name="RunnerArguments">Passed on to the runner.</param>
internal sealed record DemoSettings(
    int Orders, int Seed, int InFlight, string Broker, string Store, IReadOnlyList<string> Resources, string? Data, IReadOnlyList<string> RunnerArguments)
{
    /// <summary>How the shop is cut into apps.</summary>
    public ShopShape Shape { get; init; } = ShopShape.Services;

    /// <summary>What goes wrong meanwhile.</summary>
    public FaultKind Faults { get; init; }

    /// <summary>How long the broker is stopped.</summary>
    public TimeSpan BrokerDown { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The share of messages that are delivered twice.</summary>
    public double Duplicates { get; init; }

    /// <summary>Rounds are driven through the same shop until so much time is over; one round at least.</summary>
    public TimeSpan Length { get; init; }
}

/// <summary>What goes wrong while orders are under way.</summary>
internal enum FaultKind
{
    None,
    Kills,
    Chaos,
}

/// <summary>The one line that a round ends with.</summary>
/// <param name="Injected">What was done to the shop; null when that was nothing.</param>
internal sealed record DemoSummary(
    int Orders, int Confirmed, int Cancelled, int Pending, int Violations, double Seconds, double OrdersPerSecond,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] InjectedFaults? Injected = null);
