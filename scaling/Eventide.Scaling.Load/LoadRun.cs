using Eventide.Scaling.Load.Running;
using Eventide.Scaling.Load.Targets;

namespace Eventide.Scaling.Load;

/// <summary>
/// Drives a shop with what a plan intends, at the times that it intends: a slow answer never delays what others do, and shows in everything that was intended while it
/// was awaited. Then waits for what it led to.
/// </summary>
public static class LoadRun
{
    /// <summary>Runs a plan. Cancelling ends the run early and gives what there is until then.</summary>
    /// <param name="time">Null for the system's clock.</param>
    /// <param name="progress">Told once a second how it is going.</param>
    /// <exception cref="ArgumentException">The plan cannot be; the message says what may.</exception>
    public static async Task<LoadResult> RunAsync(
        LoadPlan plan, ILoadTarget target, TimeProvider? time = null, IProgress<LoadProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        plan.Validate();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        return await new LoadDriver(plan, target, time ?? TimeProvider.System, stop).RunAsync(progress, cancellationToken);
    }
}
