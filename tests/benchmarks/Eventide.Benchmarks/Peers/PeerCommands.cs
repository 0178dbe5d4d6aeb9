namespace Eventide.Benchmarks.Peers;

/// <summary>A child process without regard to where it listens.</summary>
/// <param name="Process">Which one: two with the same process share its processor time.</param>
internal sealed record PeerCommands(
    object Process, Func<string, CancellationToken, Task<string>> AskAsync, Func<CancellationToken, Task<double>> ProcessorTimeAsync);
