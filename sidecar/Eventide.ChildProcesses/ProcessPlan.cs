namespace Eventide.ChildProcesses;

/// <summary>A child process, everything decided. Immutable.</summary>
/// <param name="Name">What messages call it.</param>
/// <param name="Command">The executable and its arguments.</param>
/// <param name="Folder">Where it runs.</param>
/// <param name="Environment">What it gets beside our own environment.</param>
/// <param name="Log">The file that its output is appended to.</param>
internal sealed record ProcessPlan(
    string Name, IReadOnlyList<string> Command, string Folder, IReadOnlyDictionary<string, string> Environment, string Log);
