using Eventide.Benchmarks.Reporting;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>One question about speed, answered with figures.</summary>
internal interface IScenario
{
    /// <summary>What `--only` selects.</summary>
    string Name { get; }

    /// <summary>One line for the help.</summary>
    string Question { get; }

    Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken);
}
