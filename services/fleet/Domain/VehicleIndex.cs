using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Eventide.ServiceDefaults.State;

namespace Eventide.Fleet.Domain;

/// <summary>The ids of one part of the fleet; state cannot be enumerated, so somebody has to keep a list.</summary>
internal sealed record VehicleList(ImmutableSortedSet<string> Ids)
{
    public static string Key(int part) => $"fleet/vehicles/{part}";
}

/// <summary>Which vehicles there are, in parts that replicas can share among themselves. Thread-safe.</summary>
internal sealed class VehicleIndex(DocumentStore store)
{
    /// <summary>How many parts there are. It cannot be changed once vehicles are in the lists.</summary>
    public const int Parts = 64;

    // What this process has put into a list or found there: a vehicle is added once, not with every reading.
    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    /// <summary>Completes when all of them are in their lists.</summary>
    public async Task AddAsync(IEnumerable<string> vehicles, CancellationToken cancellationToken)
    {
        foreach (var part in vehicles.Where(vehicle => !_known.ContainsKey(vehicle)).GroupBy(PartOf))
        {
            var ids = part.ToList();
            await store.UpdateAsync<VehicleList>(VehicleList.Key(part.Key), current => With(current, ids), cancellationToken);
            foreach (var id in ids)
            {
                _known[id] = true;
            }
        }
    }

    /// <summary>The vehicles of one part.</summary>
    public async Task<IReadOnlyCollection<string>> ListAsync(int part, CancellationToken cancellationToken) =>
        (await store.GetAsync<VehicleList>(VehicleList.Key(part), cancellationToken))?.Ids ?? [];

    private static VehicleList With(VehicleList? list, IReadOnlyList<string> ids)
    {
        var union = (list?.Ids ?? ImmutableSortedSet.Create<string>(StringComparer.Ordinal)).Union(ids);
        return list is not null && union.Count == list.Ids.Count ? list : new VehicleList(union);
    }

    // The same in every process, which GetHashCode is not.
    private static int PartOf(string vehicle) => SHA256.HashData(Encoding.UTF8.GetBytes(vehicle))[0] % Parts;
}
