using Eventide.Scaling.Demand;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Services;

namespace Eventide.Scaling.Simulation;

/// <summary>Everything that one run depends on; the same scenario gives the same result.</summary>
public sealed record Scenario
{
    /// <summary>As reports name it.</summary>
    public required string Name { get; init; }

    /// <summary>What happens outside.</summary>
    public required IReadOnlyList<IDemand> Demands { get; init; }

    /// <summary>The services, each after those that feed it.</summary>
    public required IReadOnlyList<ScaledService> Services { get; init; }

    /// <summary>Of the random arrivals and of the controllers' phases.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>When it begins, in time since midnight.</summary>
    public TimeSpan Begin { get; init; } = TimeSpan.Zero;

    /// <summary>How long it lasts.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How finely time is cut: arrivals, work and the lives of replicas change once a step.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The controller's settings.</summary>
    public HpaControllerSettings Controller { get; init; } = new();

    /// <summary>Over which time resource usage is averaged before an autoscaler sees it (the metrics server's window and resolution).</summary>
    public TimeSpan MetricsWindow { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>A service and what decides on its replicas.</summary>
public sealed record ScaledService(ServiceModel Model, Autoscaling Autoscaling);
