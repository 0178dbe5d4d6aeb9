namespace Dapr.Workflow.Replay;

/// <summary>The run that takes the place of this one.</summary>
/// <param name="Input">Its serialised input.</param>
/// <param name="KeepEvents">Whether it gets the events that nobody waited for.</param>
internal sealed record NextRun(string Input, bool KeepEvents);
