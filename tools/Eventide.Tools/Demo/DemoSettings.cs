namespace Eventide.Tools.Demo;

/// <summary>What the command line decides about a demo.</summary>
/// <param name="Seed">Which orders; the same seed and number give the same ones.</param>
/// <param name="InFlight">Orders at a time.</param>
/// <param name="Kill">Whether every service is killed once on the way.</param>
/// <param name="Broker">A folder of <c>components/brokers</c>.</param>
/// <param name="Store">A folder of <c>components/stores</c>.</param>
/// <param name="Resources">Component folders in place of those of broker and store; empty takes those.</param>
/// <param name="Data">Where the shop keeps its data; null takes a temporary folder, which goes when all is well.</param>
/// <param name="RunnerArguments">Passed on to the runner.</param>
internal sealed record DemoSettings(
    int Orders, int Seed, int InFlight, bool Kill, string Broker, string Store, IReadOnlyList<string> Resources, string? Data, IReadOnlyList<string> RunnerArguments);

/// <summary>The one line that a demo ends with.</summary>
internal sealed record DemoSummary(int Orders, int Confirmed, int Cancelled, int Pending, int Violations, double Seconds, double OrdersPerSecond);
