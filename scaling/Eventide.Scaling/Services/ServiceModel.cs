using Eventide.Scaling.Hpa;

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

    /// <summary>Processor time that one item takes in the app.</summary>
    public required TimeSpan AppCpuTime { get; init; }

    /// <summary>Processor time that one item takes in the sidecar.</summary>
    public TimeSpan SidecarCpuTime { get; init; }

    /// <summary>Items that one replica works on at once.</summary>
    public int Concurrency { get; init; } = 10;

    /// <summary>Messages that one replica takes from the broker beyond those in work; they are lost to the others until it has handled them or is gone.</summary>
    public int Prefetch { get; init; }

    /// <summary>How long what a removed replica held stays unavailable, as on Redis until another claims it; zero where the broker gives it out again at once.</summary>
    public TimeSpan Redelivery { get; init; }

    /// <summary>Consumers that can work at once at most; null when the broker does not limit it.</summary>
    public int? Partitions { get; init; }

    /// <summary>Requested processor.</summary>
    public Cores CpuRequest { get; init; } = new(250, 0);

    /// <summary>The most processor that each of the two containers gets.</summary>
    public Cores CpuLimit { get; init; } = new(1000, 1000);

    /// <summary>Processor of an app that has nothing to do, in thousandths of a core.</summary>
    public int IdleCpu { get; init; } = 10;

    /// <summary>Processor of a sidecar that has nothing to do, in thousandths of a core.</summary>
    public int IdleSidecarCpu { get; init; }

    /// <summary>Memory of one replica with its sidecar, in MiB.</summary>
    public int Memory { get; init; } = 160;

    /// <summary>From the decision to the first item: scheduling, image, start, readiness.</summary>
    public TimeSpan StartTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>From the deletion to the end of the process; it takes no new work meanwhile.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The part of its messages that come on a topic.</summary>
    public double ShareOf(string topic) => Feeds.Sum(feed => feed.Ratio) is > 0 and var all ? Feeds.Where(feed => feed.Topic == topic).Sum(feed => feed.Ratio) / all : 0;

    /// <summary>Items per second of one replica that has enough to do.</summary>
    public double Capacity => Math.Min(
        Concurrency / ServiceTime.TotalSeconds, Math.Min(CpuLimit.App / 1000.0 / AppCpuTime.TotalSeconds, CpuLimit.Sidecar / 1000.0 / SidecarCpuTime.TotalSeconds));

    /// <summary>Processor of the two containers at so many items per second, in thousandths of a core.</summary>
    public Cores Usage(double itemsPerSecond) => new(
        Math.Min(CpuLimit.App, IdleCpu + (long)(1000 * itemsPerSecond * AppCpuTime.TotalSeconds)),
        Math.Min(CpuLimit.Sidecar, IdleSidecarCpu + (long)(1000 * itemsPerSecond * SidecarCpuTime.TotalSeconds)));
}

/// <summary>Work that comes from <paramref name="Source"/>, <paramref name="Ratio"/> items for each of its items, as messages of <paramref name="Topic"/> if they are any.</summary>
public sealed record Feed(string Source, double Ratio, string? Topic = null);

/// <summary>Kinds of work.</summary>
public enum WorkKind
{
    /// <summary>Requests: what cannot be served at once waits in the replicas.</summary>
    Requests,

    /// <summary>Messages: what cannot be handled at once waits in the broker.</summary>
    Messages,
}
