using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;

namespace Eventide.Sidecar.Metrics;

/// <summary>The values of up to four labels; names belong to the metric. Labels must have few values: each combination is kept for ever.</summary>
internal readonly record struct Labels(string First, string Second = "", string Third = "", string Fourth = "");

/// <summary>A metric in Prometheus' text format. Thread-safe.</summary>
internal abstract class Metric(string name, string help, string type, params string[] labelNames)
{
    /// <summary>The full name.</summary>
    public string Name => name;

    /// <summary>Writes everything; <paramref name="appId"/> is the first label of each line, as with Dapr.</summary>
    public void Write(StringBuilder text, string appId)
    {
        text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");
        WriteValues(text, appId);
    }

    /// <summary>Writes the lines with values.</summary>
    protected abstract void WriteValues(StringBuilder text, string appId);

    /// <summary>app_id and the labels, between braces; <paramref name="more"/> goes behind them.</summary>
    protected string Render(string appId, Labels labels, string more = "")
    {
        var text = new StringBuilder("{app_id=\"").Append(Escape(appId)).Append('"');
        string[] values = [labels.First, labels.Second, labels.Third, labels.Fourth];
        for (var i = 0; i < labelNames.Length; i++)
        {
            text.Append($",{labelNames[i]}=\"{Escape(values[i])}\"");
        }

        return text.Append(more).Append('}').ToString();
    }

    private static string Escape(string value) => value.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n");
}

/// <summary>Counts what happened. Thread-safe.</summary>
internal sealed class Counter(string name, string help, params string[] labelNames) : Metric(name, help, "counter", labelNames)
{
    private readonly ConcurrentDictionary<Labels, StrongBox<long>> _values = new();

    /// <summary>Adds to the value of these labels.</summary>
    public void Add(Labels labels, long count = 1) => Interlocked.Add(ref _values.GetOrAdd(labels, static _ => new StrongBox<long>()).Value, count);

    /// <inheritdoc/>
    protected override void WriteValues(StringBuilder text, string appId)
    {
        foreach (var (labels, value) in _values)
        {
            text.Append($"{Name}{Render(appId, labels)} {Interlocked.Read(ref value.Value)}\n");
        }
    }
}

/// <summary>What is so at the moment of the question. Thread-safe.</summary>
internal sealed class Gauge(string name, string help, params string[] labelNames) : Metric(name, help, "gauge", labelNames)
{
    private readonly ConcurrentDictionary<Labels, Func<long>> _values = new();

    /// <summary>From now on the value of these labels is what <paramref name="read"/> answers.</summary>
    public void Watch(Labels labels, Func<long> read) => _values[labels] = read;

    /// <inheritdoc/>
    protected override void WriteValues(StringBuilder text, string appId)
    {
        foreach (var (labels, read) in _values)
        {
            text.Append($"{Name}{Render(appId, labels)} {read()}\n");
        }
    }
}

/// <summary>How long things took, in milliseconds, in Dapr's buckets. Thread-safe.</summary>
internal sealed class Latency(string name, string help, params string[] labelNames) : Metric(name, help, "histogram", labelNames)
{
    // Dapr: pkg/diagnostics/utils, its default distribution.
    private static readonly double[] Bounds =
        [1, 2, 3, 4, 5, 6, 8, 10, 13, 16, 20, 25, 30, 40, 50, 65, 80, 100, 130, 160, 200, 250, 300, 400, 500, 650, 800, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

    private readonly ConcurrentDictionary<Labels, Values> _values = new();

    /// <summary>Adds one duration.</summary>
    public void Add(Labels labels, TimeSpan duration)
    {
        var values = _values.GetOrAdd(labels, static _ => new Values());
        var index = Array.BinarySearch(Bounds, duration.TotalMilliseconds);
        Interlocked.Increment(ref values.Counts[index < 0 ? ~index : index]);
        Interlocked.Add(ref values.Ticks, duration.Ticks);
    }

    /// <inheritdoc/>
    protected override void WriteValues(StringBuilder text, string appId)
    {
        foreach (var (labels, values) in _values)
        {
            var count = 0L;
            for (var i = 0; i < values.Counts.Length; i++)
            {
                count += Interlocked.Read(ref values.Counts[i]);
                text.Append($"{Name}_bucket{Render(appId, labels, $",le=\"{(i < Bounds.Length ? $"{Bounds[i]}" : "+Inf")}\"")} {count}\n");
            }

            var sum = TimeSpan.FromTicks(Interlocked.Read(ref values.Ticks)).TotalMilliseconds;
            text.Append($"{Name}_sum{Render(appId, labels)} {sum}\n{Name}_count{Render(appId, labels)} {count}\n");
        }
    }

    private sealed class Values
    {
        public readonly long[] Counts = new long[Bounds.Length + 1];
        public long Ticks;
    }
}
