using Eventide.Tools.Demo;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Evidence;

/// <summary>What an order looked like at one moment.</summary>
internal sealed record Sighting(string State, int Version);

/// <summary>An answer that the shop should not have given.</summary>
internal sealed record UnexpectedAnswer(string Expected, string Found);

/// <summary>An order as its customer knows it: what was asked, what was answered, what was seen on the way. Thread-safe while it is driven.</summary>
internal sealed class DrivenOrder(PlannedOrder plan, string id, decimal acceptedTotal)
{
    private readonly Lock _gate = new();
    private readonly List<Sighting> _sightings = [];
    private readonly List<UnexpectedAnswer> _unexpected = [];

    public PlannedOrder Plan { get; } = plan;

    public string Id { get; } = id;

    /// <summary>The total that the customer was told with the acceptance.</summary>
    public decimal AcceptedTotal { get; } = acceptedTotal;

    /// <summary>Whether the shop promised to cancel it.</summary>
    public bool CancelAccepted { get; set; }

    /// <summary>In the order in which they were seen; repetitions are left out.</summary>
    public IReadOnlyList<Sighting> Sightings => Copy(_sightings);

    public IReadOnlyList<UnexpectedAnswer> Unexpected => Copy(_unexpected);

    public void See(OrderView order)
    {
        var sighting = new Sighting(order.State, order.Version);
        lock (_gate)
        {
            if (_sightings is [] || _sightings[^1] != sighting)
            {
                _sightings.Add(sighting);
            }
        }
    }

    public void Note(UnexpectedAnswer answer)
    {
        lock (_gate)
        {
            _unexpected.Add(answer);
        }
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
