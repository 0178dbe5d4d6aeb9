using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Work that nobody waits for. What fails is repeated, one second and then up to half a minute apart, until it succeeds or the engine stops; so it must be
/// harmless to do it twice. Thread-safe.
/// </summary>
internal sealed partial class BackgroundWork(TimeProvider time, ILogger log, CancellationToken stopping)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <summary>Cancelled when the engine stops.</summary>
    public CancellationToken Stopping => stopping;

    /// <summary>Does the work soon.</summary>
    public void Run(Func<Task> work, TimeSpan after = default) => _ = Task.Run(() => RepeatAsync(work, after), CancellationToken.None);

    /// <summary>Does the work; completes when it is done or the engine stops, and never fails.</summary>
    public Task RunAsync(Func<Task> work) => RepeatAsync(work, TimeSpan.Zero);

    private async Task RepeatAsync(Func<Task> work, TimeSpan after)
    {
        try
        {
            await Task.Delay(after, time, stopping);
            for (var pause = FirstPause; !await TryAsync(work); pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
            {
                await Task.Delay(pause, time, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What is left undone follows from the store and is done after the next start.
        }
    }

    private async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            stopping.ThrowIfCancellationRequested();
            await work();
            return true;
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            Failed(failure);
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Something that a workflow turn asked for failed; it is tried again")]
    private partial void Failed(Exception failure);
}
