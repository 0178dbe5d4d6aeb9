using Eventide.Brokers.Backing;
using Eventide.Contracts;
using Eventide.Tools.Demo;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Faults;

/// <summary>Which faults happen, in which order.</summary>
internal static class FaultPlans
{
    // The consumers whose messages are worth sharing: every order has requests to both. Hosted together, they grow together.
    private static IReadOnlyList<string> Scaled(ShopShape shape) => [.. new[] { "inventory", "payment" }.Select(shape.AppOf).Distinct()];

    /// <summary>Every service is killed once; in the middle everything at once.</summary>
    public static IReadOnlyList<IFault> Kills(OwnShop shop, InjectedFaults injected)
    {
        var (first, second) = Services(shop, injected);
        return [.. first, new CrashEverything(shop, injected), .. second];
    }

    /// <summary>The same; in the middle also the number of processes grows, the broker is stopped, and at the end the number shrinks again.</summary>
    public static IReadOnlyList<IFault> Chaos(OwnShop shop, BackingServices backing, OrderGate gate, DemoSettings settings, InjectedFaults injected)
    {
        var (first, second) = Services(shop, injected);
        var scaled = Scaled(shop.State!.Shape);
        var faults = new List<IFault>([.. first, new CrashEverything(shop, injected), new ScaleServices(shop, scaled, 4, injected)]);
        if (backing.Broker?.Own is { } broker)
        {
            // Less than what comes after the middle, where the broker is stopped: until then enough other orders have to end.
            gate.Reserve(Math.Min(settings.InFlight, settings.Orders / 4));
            faults.Add(new StopBroker(broker, settings.BrokerDown, gate, injected));
        }
        else
        {
            injected.LeftOut.Add(backing.Broker is null
                ? "the broker was not stopped: it is in the process of the sidecars, and was killed with them"
                : $"the broker was not stopped: it is not ours, {backing.Broker.Product.Variable} names it");
        }

        if (settings.Duplicates == 0)
        {
            injected.LeftOut.Add("no message was delivered twice: the embedded sidecars do that, when --duplicates is not 0");
        }

        // Those that have several processes now are killed with all of them.
        return [.. faults, .. second, new ScaleServices(shop, scaled, 1, injected)];
    }

    private static (IReadOnlyList<IFault> First, IReadOnlyList<IFault> Second) Services(OwnShop shop, InjectedFaults injected)
    {
        var scaled = Scaled(shop.State!.Shape);
        List<string> appIds = [.. shop.State.Apps.Select(app => app.AppId).Distinct().OrderBy(scaled.Contains)];
        var kills = appIds.ConvertAll(appId => (IFault)new KillService(shop, appId, injected));
        return (kills[..(kills.Count / 2)], kills[(kills.Count / 2)..]);
    }
}
