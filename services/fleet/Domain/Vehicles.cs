using Eventide.Contracts;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Fleet.Domain;

/// <summary>
/// The vehicle documents. Readings that arrive while others are being written join the next write, so that many share one call to the store; those of one vehicle
/// keep their order. Thread-safe.
/// </summary>
internal sealed class Vehicles
{
    private const int LargestBatch = 200;
    private readonly DocumentStore _store;
    private readonly VehicleIndex _index;
    private readonly Batches<ReadingsReceived, Vehicle> _batches;
    private readonly double _speedLimit;

    public Vehicles(DocumentStore store, VehicleIndex index, IOptions<FleetOptions> options)
    {
        (_store, _index, _speedLimit) = (store, index, options.Value.SpeedLimit);
        _batches = new Batches<ReadingsReceived, Vehicle>(LargestBatch, WriteAsync);
    }

    /// <summary>Adds readings to what is known of their vehicle, and returns the vehicle.</summary>
    public Task<Vehicle> ApplyAsync(ReadingsReceived message, CancellationToken cancellationToken) => _batches.AddAsync(message, cancellationToken);

    /// <summary>One vehicle; null when it has never been heard.</summary>
    public Task<Vehicle?> FindAsync(string id, CancellationToken cancellationToken) => _store.GetAsync<Vehicle>(Vehicle.Key(id), cancellationToken);

    /// <summary>Those of the vehicles that have been heard.</summary>
    public async Task<IReadOnlyList<Vehicle>> FindAsync(IEnumerable<string> ids, CancellationToken cancellationToken) =>
        [.. (await _store.GetManyAsync<Vehicle>([.. ids.Select(Vehicle.Key)], cancellationToken)).Values];

    /// <summary>Notes that a vehicle has said nothing since a reading, unless it has meanwhile.</summary>
    public Task<Vehicle> MarkSilentAsync(Vehicle silent, CancellationToken cancellationToken) => _store.UpdateAsync<Vehicle>(
        Vehicle.Key(silent.Id),
        current => current is null || current.Readings != silent.Readings || current.SilentSince is not null ? current ?? silent : current with { SilentSince = current.Sequences.Highest },
        cancellationToken);

    private async Task<IReadOnlyList<Vehicle>> WriteAsync(IReadOnlyList<ReadingsReceived> messages)
    {
        // A batch belongs to several callers: none of them can cancel it for the others.
        var byVehicle = messages.ToLookup(message => message.VehicleId, StringComparer.Ordinal);
        var keys = byVehicle.Select(vehicle => Vehicle.Key(vehicle.Key)).ToList();
        var byKey = byVehicle.ToDictionary(vehicle => Vehicle.Key(vehicle.Key), vehicle => vehicle.ToList(), StringComparer.Ordinal);

        // A vehicle that is in no list would never be missed: the list comes first.
        await _index.AddAsync(byVehicle.Select(vehicle => vehicle.Key), CancellationToken.None);
        var written = (await _store.UpdateManyAsync<Vehicle>(keys, (key, current) => Fold(current, byKey[key]), CancellationToken.None)).ToDictionary(vehicle => vehicle.Id);
        return [.. messages.Select(message => written[message.VehicleId])];
    }

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
