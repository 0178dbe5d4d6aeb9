using Eventide.Tools.Shops;

namespace Eventide.Tools.Faults;

/// <summary>Kills (SIGKILL) the process of the sidecars, which takes every service with it; then starts the shop again over the same data.</summary>
internal sealed class CrashEverything(OwnShop shop, InjectedFaults injected) : IFault
{
    public string Description => "killed everything at once, the sidecars too";

    public Task InjectAsync(CancellationToken cancellationToken)
    {
        injected.Crashes++;
        return shop.CrashAsync(cancellationToken);
    }
}
