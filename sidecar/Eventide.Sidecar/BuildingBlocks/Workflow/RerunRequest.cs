namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Asks for an ended instance to run again from one of its events.</summary>
/// <param name="SourceId">The ended instance; it stays as it is.</param>
/// <param name="EventId">The call that is done again: an activity, a timer or a child.</param>
/// <param name="NewId">The id of the instance that runs again.</param>
/// <param name="OverwritesInput">Whether the call gets <paramref name="Input"/> instead of what it had.</param>
/// <param name="Input">The new input; null is none.</param>
/// <param name="NewChildId">The id of the new child when the call is one of a child; null makes one up.</param>
internal sealed record RerunRequest(string SourceId, uint EventId, string NewId, bool OverwritesInput, string? Input, string? NewChildId);
