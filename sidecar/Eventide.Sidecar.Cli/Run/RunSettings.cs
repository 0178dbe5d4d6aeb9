namespace Eventide.Sidecar.Cli.Run;

/// <summary>The options of `run`.</summary>
/// <param name="RunFile">dapr.yaml.</param>
/// <param name="Resources">Component folders in place of those that the run file names; empty takes those.</param>
/// <param name="Data">The folder that holds <c>data/</c>: state, logs and run.json.</param>
/// <param name="Logs">Only the logs of these apps are shown; null shows all.</param>
/// <param name="FreePorts">Every port is a free one, whatever the run file says.</param>
/// <param name="Scale">How many processes of an app, by app id; one of those that are not named.</param>
/// <param name="Duplicates">The share of messages that are delivered twice.</param>
/// <param name="Sidecar">A daprd, or its folder, in the place of the embedded sidecars.</param>
/// <param name="Config">A Configuration file in the place of those that the run file names.</param>
/// <param name="Hint">What to say when everything is up.</param>
internal sealed record RunSettings(
    FileInfo RunFile, IReadOnlyList<DirectoryInfo> Resources, DirectoryInfo Data, IReadOnlyList<string>? Logs, bool FreePorts, IReadOnlyDictionary<string, int> Scale,
    double Duplicates, string? Sidecar, FileInfo? Config, string? Hint);
