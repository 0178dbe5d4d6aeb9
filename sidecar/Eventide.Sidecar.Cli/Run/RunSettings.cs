namespace Eventide.Sidecar.Cli.Run;

/// <summary>The options of `run`.</summary>
internal sealed record RunSettings(FileInfo RunFile, DirectoryInfo? Resources, DirectoryInfo Data, string? Logs);
