using System.Text.Json;
using System.Text.Json.Serialization;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>
/// run.json: what runs and where, for whoever drives the apps from outside. Written when all are ready and again whenever a process of an app got ready or is
/// taken out; a reader never sees half of it.
/// </summary>
/// <param name="Control">The Unix socket at which `scale` asks.</param>
/// <param name="Resources">The folders of the component files.</param>
internal sealed record RunState(int Pid, DateTimeOffset StartedAt, string Control, IReadOnlyList<string> Resources, IReadOnlyList<RunningApp> Apps)
{
    /// <summary>Puts the file in the place of the one before.</summary>
    public void Write(string file)
    {
        var draft = file + ".new";
        File.WriteAllBytes(draft, JsonSerializer.SerializeToUtf8Bytes(this, RunStateJson.Default.RunState));
        File.Move(draft, file, overwrite: true);
    }
}

/// <summary>One process of an app with its sidecar.</summary>
/// <param name="AppPort">Null for an app that only calls.</param>
/// <param name="MetricsPort">Where its sidecar answers Prometheus.</param>
/// <param name="Replica">0 for the first process of the app.</param>
/// <param name="Log">The file with its output.</param>
/// <param name="StartedAt">When it was begun to be started; a process that was started again after a crash keeps it, as a pod does.</param>
/// <param name="ReadyAt">When it was healthy and its subscriptions were in place.</param>
internal sealed record RunningApp(
    string AppId, int Pid, int? AppPort, string AppProtocol, int DaprHttpPort, int DaprGrpcPort, int MetricsPort, int Replica, string Log, DateTimeOffset StartedAt,
    DateTimeOffset ReadyAt);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunState))]
internal sealed partial class RunStateJson : JsonSerializerContext;
