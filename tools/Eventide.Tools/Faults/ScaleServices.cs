using Eventide.Tools.Shops;

namespace Eventide.Tools.Faults;

/// <summary>Gives services another number of processes.</summary>
internal sealed class ScaleServices(OwnShop shop, IReadOnlyList<string> appIds, int processes, InjectedFaults injected) : IFault
{
    public string Description => $"{string.Join(" and ", appIds)}: now {processes} {(processes == 1 ? "process" : "processes")} each";

    public async Task InjectAsync(CancellationToken cancellationToken)
    {
        await shop.ScaleAsync(appIds.ToDictionary(appId => appId, _ => processes), cancellationToken);
        foreach (var appId in appIds)
        {
            if (!injected.Scaled.TryGetValue(appId, out var counts))
            {
                injected.Scaled[appId] = counts = [1];
            }

            counts.Add(processes);
        }
    }
}
