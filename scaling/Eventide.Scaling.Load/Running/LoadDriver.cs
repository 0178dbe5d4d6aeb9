using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;

namespace Eventide.Scaling.Load.Running;

/// <summary>One run of a plan.</summary>
internal sealed class LoadDriver
{
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(1);
    private readonly LoadPlan _plan;
    private readonly CancellationTokenSource _stop;
    private readonly string _runId;
    private readonly LoadSchedule _schedule;
    private readonly LoadClock _clock;
    private readonly ActionSender _sender;
    private readonly OrderFollower _follower;
    private readonly ShopTraffic _shop;
    private readonly FleetSender? _fleet;
    private TimeSpan? _sent;

    /// <param name="stop">Cancelled when the run is to end, and by it when a part has failed.</param>
    public LoadDriver(LoadPlan plan, ILoadTarget target, TimeProvider time, CancellationTokenSource stop)
    {
        (_plan, _stop) = (plan, stop);
        _runId = plan.RunId ?? $"load-{time.GetUtcNow().ToUnixTimeSeconds()}";
        _schedule = new LoadSchedule(plan, _runId);
        _clock = new LoadClock(plan, time);
        _sender = new ActionSender(plan, _clock);
        _follower = new OrderFollower(target, _clock, _sender);
        _shop = new ShopTraffic(target, _clock, _sender, _follower);
        _fleet = _schedule.Fleet is { } traffic ? new FleetSender(target, _clock, _sender, traffic) : null;
    }

    /// <param name="cancellationToken">The caller's wish to stop.</param>
    public async Task<LoadResult> RunAsync(IProgress<LoadProgress>? progress, CancellationToken cancellationToken)
    {
        var sending = SendAsync();

        // Both at once; their patience begins when everything is sent.
        var ending = Task.WhenAll(FollowAsync(sending), CompareAsync(sending));
        var reporting = progress is null ? Task.CompletedTask : ReportAsync(progress, ending);
        try
        {
            await sending;
            await ending;
            return Result(isComplete: true);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return Result(isComplete: false);
        }
        finally
        {
            _stop.Cancel();
            await EndAsync(ending);
            await EndAsync(reporting);
            _clock.Dispose();
        }
    }

    private async Task SendAsync()
    {
        var sessions = new Sessions(_stop);
        try
        {
            foreach (var item in _schedule.Items())
            {
                await _clock.WaitUntilAsync(_clock.DueOf(item.At), _stop.Token);
                sessions.Add(item switch
                {
                    Visit visit => _shop.VisitAsync(visit, _stop.Token),
                    Purchase purchase => _shop.BuyAsync(purchase, _stop.Token),
                    _ => _fleet!.SendAsync((Transmission)item, _stop.Token),
                });
            }
        }
        finally
        {
            await sessions.DrainAsync();
            _sent = _clock.Elapsed;
        }
    }

    private Task FollowAsync(Task sending) => _schedule.HasOrders ? _follower.RunAsync(sending, _plan.Patience, _stop.Token) : sending;

    private async Task CompareAsync(Task sending)
    {
        await sending;
        if (_fleet is not null)
        {
            await _fleet.CompareAsync(_plan.Patience, _stop.Token);
        }
    }

    private async Task ReportAsync(IProgress<LoadProgress> progress, Task ending)
    {
        using var timer = new PeriodicTimer(BetweenReports, _clock.Time);
        while (!ending.IsCompleted && await timer.WaitForNextTickAsync(_stop.Token))
        {
            progress.Report(new LoadProgress(
                _clock.Now, Math.Min(1, _clock.Elapsed / _plan.RealDuration), _sender.Results(), _schedule.HasOrders ? _follower.ToResult() : null, _sender.Generator(),
                _sender.Unanswered));
        }
    }

    private LoadResult Result(bool isComplete)
    {
        var sent = _sent ?? _clock.Elapsed;
        return new LoadResult
        {
            RunId = _runId,
            IsComplete = isComplete,
            StartedAt = _clock.StartedAt,
            SendingSeconds = Math.Round(sent.TotalSeconds, 3),
            SimulatedSeconds = Math.Round(Math.Min((sent * _plan.Compression).TotalSeconds, _plan.Duration.TotalSeconds), 3),
            Actions = _sender.Results(),
            Minutes = _sender.Minutes(),
            Orders = _schedule.HasOrders ? _follower.ToResult() : null,
            Fleet = _fleet?.Ledger.ToResult(),
            Generator = _sender.Generator(),
        };
    }

    // What it has to say was said before.
    private static async Task EndAsync(Task task)
    {
        try
        {
            await task;
        }
        catch (Exception)
        {
        }
    }
}
