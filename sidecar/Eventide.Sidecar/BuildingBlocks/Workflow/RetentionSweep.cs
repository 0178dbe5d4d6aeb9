using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Removes ended instances when their time is over. A child is kept for as long as its parent has not taken its outcome. Sweeps run one at a time.
/// </summary>
internal sealed partial class RetentionSweep : IAsyncDisposable
{
    // So many share one commit of the store; one after the other could not keep up with what ends under load.
    private const int Parallelism = 16;

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestInterval = TimeSpan.FromMinutes(1);
    private readonly WorkflowStore _store;
    private readonly InstanceDirectory _directory;
    private readonly InstanceRemoval _removal;
    private readonly TimeProvider _time;
    private readonly BackgroundWork _background;
    private readonly ILogger _log;
    private readonly ITimer? _timer;
    private int _isSweeping;

    public RetentionSweep(
        WorkflowStore store, InstanceDirectory directory, InstanceRemoval removal, WorkflowRetention retention, BackgroundWork background, TimeProvider time, ILogger log)
    {
        (_store, _directory, _removal, _background, _time, _log) = (store, directory, removal, background, time, log);
        if (retention.Shortest is { } shortest)
        {
            var interval = shortest / 10 < ShortestInterval ? ShortestInterval : shortest / 10 < LongestInterval ? shortest / 10 : LongestInterval;
            _timer = time.CreateTimer(_ => Sweep(), null, interval, interval);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _timer?.DisposeAsync() ?? ValueTask.CompletedTask;

    private void Sweep()
    {
        if (Interlocked.Exchange(ref _isSweeping, 1) == 0)
        {
            _ = RunAsync();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            var purged = 0;
            await Parallel.ForEachAsync(
                ExpiredAsync(), new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = _background.Stopping },
                async (id, _) => Interlocked.Add(ref purged, await PurgeAsync(id) ? 1 : 0));

            if (purged > 0)
            {
                Purged(purged);
            }
        }
        catch (OperationCanceledException) when (_background.Stopping.IsCancellationRequested)
        {
            // Stopping; the next start sweeps again.
        }
        catch (Exception failure)
        {
            Failed(failure);
        }
        finally
        {
            Volatile.Write(ref _isSweeping, 0);
        }
    }

    private async IAsyncEnumerable<string> ExpiredAsync()
    {
        var now = _time.GetUtcNow();
        await foreach (var (id, until) in _store.EndedAsync(_background.Stopping))
        {
            if (until > now)
            {
                yield break;
            }

            yield return id;
        }
    }

    private async Task<bool> PurgeAsync(string id)
    {
        if (await _directory.FindAsync(id, _background.Stopping) is not { Description.HasEnded: true } instance || await IsAwaitedAsync(instance))
        {
            return false;
        }

        return await _removal.TryRemoveEndedAsync(id, _background.Stopping);
    }

    private async Task<bool> IsAwaitedAsync(ActiveInstance instance)
    {
        if (instance.Parent is not { } call || await _directory.FindAsync(call.WorkflowInstance.InstanceId, _background.Stopping) is not { } parent)
        {
            return false;
        }

        var isAwaited = false;
        await parent.WithGateAsync(() =>
            isAwaited = parent.ExecutionId == (call.WorkflowInstance.ExecutionId ?? "") && parent.State.PendingChildren.ContainsKey(call.TaskScheduledId)
                && !parent.Description.HasEnded);
        return isAwaited;
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Count} ended workflow instances were removed because their retention is over")]
    private partial void Purged(int count);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ended workflow instances could not be removed; the next sweep tries again")]
    private partial void Failed(Exception failure);
}
