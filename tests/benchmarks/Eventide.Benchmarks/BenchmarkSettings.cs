namespace Eventide.Benchmarks;

/// <summary>What the command line decides.</summary>
/// <param name="Seconds">How long each latency figure is measured.</param>
/// <param name="Rate">Requests per second of the latency figures.</param>
/// <param name="Workflows">Workflows per run.</param>
/// <param name="InFlight">Workflows at a time.</param>
/// <param name="Operations">Only latency figures whose name contains this; null means all.</param>
/// <param name="Orders">Orders that are measured.</param>
/// <param name="OrdersInFlight">Accepted orders that have not ended yet, at most.</param>
/// <param name="Resources">The component folders of the shop that is measured.</param>
/// <param name="Brokers">Only these brokers; empty means all.</param>
/// <param name="Messages">Messages of each round of a broker.</param>
/// <param name="Rounds">Rounds of each broker, after a warm-up.</param>
/// <param name="Readings">Readings of the fleet's last part.</param>
/// <param name="Keep">Where the figures of the services go besides; null: nowhere.</param>
/// <param name="Output">Where the JSON files and, while it runs, the stores are.</param>
internal sealed record BenchmarkSettings(
    int Seconds, int Rate, int Workflows, int InFlight, string? Operations, int Orders, int OrdersInFlight, IReadOnlyList<string> Resources,
    IReadOnlyList<string> Brokers, int Messages, int Rounds, int Readings, FileInfo? Keep, DirectoryInfo Output);
