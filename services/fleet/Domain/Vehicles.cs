using Eventide.Contracts;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Fleet.Domain;

/// <summary>The vehicle documents. Readings that came together share one read and one write of the store; those of one vehicle keep their order. Thread-safe.</summary>
internal sealed class Vehicles(DocumentStore store, VehicleIndex index, IOptions<FleetOptions> options)
{
    private readonly double _speedLimit = options.Value.SpeedLimit;

    /// <summary>Adds readings to what is known of their vehicles, and returns those vehicles by their ids.</summary>
    public async Task<IReadOnlyDictionary<string, Vehicle>> ApplyAsync(IReadOnlyCollection<ReadingsReceived> messages, CancellationToken cancellationToken)
    {
        var byKey = messages.GroupBy(message => message.VehicleId, StringComparer.Ordinal).ToDictionary(vehicle => Vehicle.Key(vehicle.Key), StringComparer.Ordinal);

        // A vehicle that is in no list would never be missed: the list comes first.
        await index.AddAsync(byKey.Values.Select(vehicle => vehicle.Key), cancellationToken);
        var written = await store.UpdateManyAsync<Vehicle>([.. byKey.Keys], (key, current) => Fold(current, byKey[key]), cancellationToken);
        return written.ToDictionary(vehicle => vehicle.Id, StringComparer.Ordinal);
    }

    /// <summary>One vehicle; null when it has never been heard.</summary>
    public Task<Vehicle?> FindAsync(string id, CancellationToken cancellationToken) => store.GetAsync<Vehicle>(Vehicle.Key(id), cancellationToken);

    /// <summary>Those of the vehicles that have been heard.</summary>
    public async Task<IReadOnlyList<Vehicle>> FindAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        [.. (await store.GetManyAsync<Vehicle>([.. ids.Select(Vehicle.Key)], cancellationToken)).Values];

    /// <summary>Notes that a vehicle has said nothing since a reading, unless it has meanwhile.</summary>
    public Task<Vehicle> MarkSilentAsync(Vehicle silent, CancellationToken cancellationToken) => store.UpdateAsync<Vehicle>(
        Vehicle.Key(silent.Id),
        current => current is null || current.Readings != silent.Readings || current.SilentSince is not null ? current ?? silent : current with { SilentSince = current.Sequences.Highest },
        cancellationToken);

    private Vehicle Fold(Vehicle? vehicle, IEnumerable<ReadingsReceived> messages)
    {
        foreach (var message in messages)
        {
            foreach (var reading in message.Readings)
            {
                vehicle = vehicle?.With(reading, message.ReceivedAt, _speedLimit) ?? Vehicle.Of(message.VehicleId, message.ReceivedAt, reading, _speedLimit);
            }
        }

        return vehicle!;
    }
}
