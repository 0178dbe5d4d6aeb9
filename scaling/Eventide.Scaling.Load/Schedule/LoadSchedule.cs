using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Vehicles;

namespace Eventide.Scaling.Load.Schedule;

/// <summary>Everything that a plan begins, in the order of its times, made as it is read. The same plan and id of a run give the same. For one reader.</summary>
internal sealed class LoadSchedule
{
    private readonly List<IEnumerable<LoadItem>> _streams = [];

    public LoadSchedule(LoadPlan plan, string runId)
    {
        var shoppers = new Shoppers(plan, runId);
        foreach (var demand in plan.Demands)
        {
            // Each demand has its own chance, so that leaving one out leaves the others as they are.
            var random = new Random(unchecked((plan.Seed * 7919) + (demand.Name.Sum(character => character) * 104_729)));
            if (demand is FleetDemand vehicles)
            {
                Fleet = new FleetTraffic(plan, vehicles.Fleet, runId, random);
                _streams.Add(Fleet.Transmissions());
            }
            else if (demand.Name == Shop.ShopScenarios.Orders)
            {
                HasOrders = true;
                _streams.Add(shoppers.Purchases(demand, random));
            }
            else
            {
                _streams.Add(shoppers.Visits(demand, random));
            }
        }
    }

    /// <summary>Whether there are customers who buy.</summary>
    public bool HasOrders { get; }

    /// <summary>Null when there is no fleet.</summary>
    public FleetTraffic? Fleet { get; }

    /// <summary>To be read once.</summary>
    public IEnumerable<LoadItem> Items()
    {
        var next = new PriorityQueue<IEnumerator<LoadItem>, (TimeSpan At, int Order)>();
        foreach (var (order, stream) in _streams.Index())
        {
            var items = stream.GetEnumerator();
            if (items.MoveNext())
            {
                next.Enqueue(items, (items.Current.At, order));
            }
        }

        while (next.TryDequeue(out var items, out var place))
        {
            yield return items.Current;
            if (items.MoveNext())
            {
                next.Enqueue(items, (items.Current.At, place.Order));
            }
        }
    }
}
