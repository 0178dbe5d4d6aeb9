namespace Eventide.Scaling.Services;

/// <summary>
/// What the simulator must know of a service to foretell how it behaves. Times and processor figures come from a measurement, the limits from the chart. Immutable.
/// </summary>
public sealed record ServiceModel
{
    /// <summary>The app id.</summary>
    public required string Name { get; init; }

    /// <summary>Whether people wait for it, or messages do.</summary>
    public required WorkKind Kind { get; init; }

    /// <summary>Where its work comes from: a stream of demand or another service, and how many items each item there makes here.</summary>
    public required IReadOnlyList<Feed> Feeds { get; init; }

    /// <summary>How long one item takes when nothing else waits.</summary>
    public required TimeSpan ServiceTime { get; init; }

    /// <summary>Processor time of one item, app and sidecar together.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>Items that one replica works on at once.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>Messages that one replica takes from the broker beyond those in work; they are lost to the others until it has handled them or is gone.</summary>
    public int Prefetch { get; init; }

    /// <summary>How long what a removed replica held stays unavailable, as on Redis until another claims it; zero where the broker gives it out again at once.</summary>
    public TimeSpan Redelivery { get; init; }

    /// <summary>Consumers that can work at once at most; null when the broker does not limit it.</summary>
    public int? Partitions { get; init; }

    /// <summary>Requested processor, in thousandths of a core; app and sidecar together.</summary>
    public int CpuRequest { get; init; } = 250;

    /// <summary>The most that a replica gets, in thousandths of a core.</summary>
    public int CpuLimit { get; init; } = 1000;

    /// <summary>Processor of a replica that has nothing to do, in thousandths of a core.</summary>
    public int IdleCpu { get; init; } = 10;

    /// <summary>Memory of one replica with its sidecar, in MiB.</summary>
    public int Memory { get; init; } = 160;

    /// <summary>From the decision to the first item: scheduling, image, start, readiness.</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>From the deletion to the end of the process; it takes no new work meanwhile.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Items per second of one replica that has enough to do.</summary>
    public double Capacity => Math.Min(Concurrency / ServiceTime.TotalSeconds, CpuLimit / 1000.0 / CpuTime.TotalSeconds);
}

/// <summary>Work that comes from <paramref name="Source"/>, <paramref name="Ratio"/> items for each of its items.</summary>
public sealed record Feed(string Source, double Ratio);

/// <summary>Kinds of work.</summary>
public enum WorkKind
{
    /// <summary>Requests: what cannot be served at once waits in the replicas.</summary>
    Requests,

    /// <summary>Messages: what cannot be handled at once waits in the broker.</summary>
    Messages,
}
