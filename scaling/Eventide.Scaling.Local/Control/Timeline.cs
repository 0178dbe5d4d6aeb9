using System.Text.Json;

namespace Eventide.Scaling.Local.Control;

/// <summary>A change of an app's replicas, and why.</summary>
/// <param name="At">Since the begin, on the scaled clock.</param>
internal sealed record ReplicaChange(TimeSpan At, string AppId, int From, int To, string Reason);

/// <summary>An app as a controller saw it.</summary>
/// <param name="At">Since the begin, on the scaled clock.</param>
/// <param name="Wanted">Replicas asked for after the look.</param>
/// <param name="Ready">Processes that could work.</param>
/// <param name="Waiting">Messages of all its topics that no consumer had; null when it does not scale by them, or they could not be read.</param>
/// <param name="InHand">Messages that consumers had.</param>
/// <param name="Millicores">What one of its processes used, on average; null when that does not count.</param>
internal sealed record Look(TimeSpan At, string AppId, int Wanted, int Ready, double? Waiting, double? InHand, long? Millicores);

/// <summary>What one app came to.</summary>
/// <param name="ReplicaSeconds">Of the scaled clock.</param>
/// <param name="StartSeconds">Real seconds that a process took until it was ready, on average; null when none was added.</param>
/// <param name="DrainSeconds">Real seconds that processes took to end, on average; null when none was taken away.</param>
internal sealed record AppTotal(string AppId, int Initial, int Most, int Last, double ReplicaSeconds, double? StartSeconds, double? DrainSeconds);

/// <summary>A whole run, as artifacts/scaling/autoscale.json keeps it.</summary>
internal sealed record Timeline(
    DateTimeOffset Begin, TimeSpan Duration, double Speed, string Broker, string Chart, int MinimumCap, int MaximumCap, IReadOnlyList<AppTotal> Apps,
    IReadOnlyList<ReplicaChange> Changes, IReadOnlyList<Look> Looks)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Writes the file, and its folder if need be.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + Environment.NewLine);
    }
}
