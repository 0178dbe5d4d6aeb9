namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The patches of workflow code. A worker reports all that a replay came across, in order, repeats included; the history keeps each once, with the turn that
/// brought it. Pure (Dapr: pkg/actors/targets/workflow/orchestrator/versioning.go).
/// </summary>
internal static class Patches
{
    /// <summary>Why the worker's code is not the one that the history was made with; null when it is. Patches may be added behind those of the history.</summary>
    public static string? Mismatch(IReadOnlyList<string> inHistory, IReadOnlyList<string> reported) =>
        reported.Take(inHistory.Count).SequenceEqual(inHistory)
            ? null
            : $"Patch mismatch. History patches: [{string.Join(", ", inHistory)}], current patches: [{string.Join(", ", reported)}]. ";

    /// <summary>Those that the history does not have; a repeat counts as one more.</summary>
    public static IReadOnlyList<string> New(IReadOnlyList<string> inHistory, IReadOnlyList<string> reported)
    {
        var known = inHistory.ToList();
        return reported.Where(patch => !known.Remove(patch)).ToList();
    }
}
