using Eventide.Tools.Shops;

namespace Eventide.Tools.Faults;

/// <summary>Kills (SIGKILL) every process of a service; the runner starts them again.</summary>
internal sealed class KillService(OwnShop shop, string appId, InjectedFaults injected) : IFault
{
    private static readonly TimeSpan RestartPatience = TimeSpan.FromSeconds(60);

    public string Description => $"killed {appId}";

    public async Task InjectAsync(CancellationToken cancellationToken)
    {
        var pids = Pids();
        foreach (var pid in pids)
        {
            Signals.Send(pid, Signals.Kill);
        }

        injected.Killed.Add(appId);
        var started = TimeProvider.System.GetTimestamp();
        while (Pids() is var now && (now.Count < pids.Count || now.Intersect(pids).Any()))
        {
            if (TimeProvider.System.GetElapsedTime(started) > RestartPatience)
            {
                throw new ToolException($"{appId} was killed and not started again within {RestartPatience.TotalSeconds} s.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), cancellationToken);
        }
    }

    private List<int> Pids() => [.. (shop.State?.Apps ?? []).Where(app => app.AppId == appId).Select(app => app.Pid)];
}
