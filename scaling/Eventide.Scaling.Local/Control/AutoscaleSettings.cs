namespace Eventide.Scaling.Local.Control;

/// <summary>What the command line decides about `autoscale`.</summary>
/// <param name="Data">The folder that the shop was started with.</param>
/// <param name="Speed">How many times as fast the controllers' clock runs.</param>
/// <param name="Limits">What this machine can bear.</param>
/// <param name="Only">The apps to scale; empty scales every one that the chart scales.</param>
/// <param name="Chart">A render of the chart; null takes the committed one whose triggers fit the broker.</param>
/// <param name="Output">Where the timeline goes.</param>
/// <param name="Begin">The time of day at which the controllers' clock begins, for windows of the chart that open by the clock; null begins with the real one.</param>
/// <param name="Length">How long it goes on, on the controllers' clock; null goes on until it is stopped.</param>
internal sealed record AutoscaleSettings(
    string Data, double Speed, LocalLimits Limits, IReadOnlyList<string> Only, string? Chart, string Output, TimeOnly? Begin, TimeSpan? Length);
