namespace Eventide.Scaling.Simulation;

/// <summary>What a run showed.</summary>
/// <param name="Scenario">Everything it depended on.</param>
public sealed record SimulationResult(Scenario Scenario, IReadOnlyList<ServiceResult> Services)
{
    /// <summary>The service of that name.</summary>
    public ServiceResult Service(string name) => Services.Single(service => service.Name == name);
}

/// <summary>One service over the whole run.</summary>
public sealed record ServiceResult
{
    /// <summary>The app id.</summary>
    public required string Name { get; init; }

    /// <summary>Items that came.</summary>
    public required double Items { get; init; }

    /// <summary>Items that were not done at the end.</summary>
    public required double Unfinished { get; init; }

    /// <summary>The sum of the replicas' lives, draining ones included: what a cluster has to hold ready.</summary>
    public required TimeSpan ReplicaTime { get; init; }

    /// <summary>Processor time that was used.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>Processor time that was reserved by requests.</summary>
    public required TimeSpan RequestedCpuTime { get; init; }

    /// <summary>The most items that waited or were in work.</summary>
    public required double LargestBacklog { get; init; }

    /// <summary>The most replicas that were asked for.</summary>
    public required int MostReplicas { get; init; }

    /// <summary>How often the number of replicas was changed.</summary>
    public required int Changes { get; init; }

    /// <summary>Half of the items were done within this.</summary>
    public required TimeSpan Median { get; init; }

    /// <summary>95 % of the items were done within this.</summary>
    public required TimeSpan P95 { get; init; }

    /// <summary>99 % of the items were done within this.</summary>
    public required TimeSpan P99 { get; init; }

    /// <summary>Minute by minute, for pictures.</summary>
    public required IReadOnlyList<MinuteResult> Minutes { get; init; }

    /// <summary>What was asked for, step by step.</summary>
    public required IReadOnlyList<int> WantedPerStep { get; init; }
}

/// <summary>One minute of one service.</summary>
/// <param name="At">Since the begin of the run.</param>
/// <param name="ItemsPerSecond">That came.</param>
/// <param name="Wanted">Replicas asked for, on average.</param>
/// <param name="Ready">Replicas that could work, on average.</param>
/// <param name="Backlog">The most items that waited or were in work.</param>
/// <param name="Delay">The longest time from arrival to end.</param>
public sealed record MinuteResult(TimeSpan At, double ItemsPerSecond, double Wanted, double Ready, double Backlog, TimeSpan Delay)
{
    /// <summary>Processor that all replicas used, on average, in cores.</summary>
    public double UsedCores { get; init; }

    /// <summary>Processor that all replicas had requested, draining ones included, on average, in cores.</summary>
    public double RequestedCores { get; init; }
}
