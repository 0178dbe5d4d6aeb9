using Eventide.Tools.Shops;

namespace Eventide.Tools.Demo;

/// <summary>Kills every service once (SIGKILL) while orders are under way, evenly over the demo; the runner starts it again.</summary>
internal sealed class ServiceKiller(Func<RunState> shop, int orders, Action<string> killed)
{
    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(60);
    private readonly Queue<string> _victims = new(shop().Apps.Select(app => app.AppId).Distinct());
    private readonly int _services = shop().Apps.Select(app => app.AppId).Distinct().Count();
    private readonly SemaphoreSlim _endings = new(0);

    /// <summary>Tells that one more order has ended.</summary>
    public void OrderEnded() => _endings.Release();

    /// <summary>Completes when every service was killed and runs again.</summary>
    /// <exception cref="ToolException">A service was not started again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The first one as soon as orders are under way, the last one before the last orders end.
        var between = Math.Max(1, orders / (_services + 2));
        while (_victims.TryDequeue(out var victim))
        {
            for (var i = 0; i < between; i++)
            {
                await _endings.WaitAsync(cancellationToken);
            }

            await KillAsync(victim, cancellationToken);
        }
    }

    private async Task KillAsync(string appId, CancellationToken cancellationToken)
    {
        var pids = Pids(appId);
        foreach (var pid in pids)
        {
            Signals.Send(pid, Signals.Kill);
        }

        killed(appId);
        var started = TimeProvider.System.GetTimestamp();
        while (Pids(appId) is var now && (now.Count < pids.Count || now.Intersect(pids).Any()))
        {
            if (TimeProvider.System.GetElapsedTime(started) > RestartPatience)
            {
                throw new ToolException($"{appId} was killed and not started again within {RestartPatience.TotalSeconds} s.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    private List<int> Pids(string appId) => [.. shop().Apps.Where(app => app.AppId == appId).Select(app => app.Pid)];
}
