using Eventide.Tools.Shops;

namespace Eventide.Tools.Demo;

/// <summary>
/// Kills (SIGKILL) every service once while orders are under way, evenly over the demo, and half-way everything at once. What was killed is started again.
/// </summary>
internal sealed class ServiceKiller(OwnShop shop, int orders, Action<string> killed)
{
    private const string Everything = "everything at once, the sidecars too";
    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(60);
    private readonly string[] _victims = Victims(shop.State!);
    private readonly SemaphoreSlim _endings = new(0);

    /// <summary>Tells that one more order has ended.</summary>
    public void OrderEnded() => _endings.Release();

    /// <summary>Completes when every service was killed and runs again.</summary>
    /// <exception cref="ToolException">A service was not started again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The first one as soon as orders are under way, the last one before the last orders end.
        var between = Math.Max(1, orders / (_victims.Length + 2));
        foreach (var victim in _victims)
        {
            for (var i = 0; i < between; i++)
            {
                await _endings.WaitAsync(cancellationToken);
            }

            if (victim != Everything)
            {
                await KillAsync(victim, cancellationToken);
                continue;
            }

            killed(victim);
            await shop.CrashAsync(cancellationToken);
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

    private List<int> Pids(string appId) => [.. (shop.State?.Apps ?? []).Where(app => app.AppId == appId).Select(app => app.Pid)];

    private static string[] Victims(RunState state)
    {
        List<string> victims = [.. state.Apps.Select(app => app.AppId).Distinct()];
        victims.Insert(victims.Count / 2, Everything);
        return [.. victims];
    }
}
