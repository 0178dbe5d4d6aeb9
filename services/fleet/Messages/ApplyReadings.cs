using Eventide.Contracts;
using Eventide.Fleet.Domain;
using Eventide.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Eventide.Fleet.Messages;

/// <summary>
/// Keeps what the readings say and publishes what follows from them. Which alerts that is depends on the readings and on what stands in the document afterwards, not
/// on whether they are new: so a delivery that was cut off after the write publishes them when it is repeated.
/// </summary>
internal sealed class ApplyReadings(Vehicles vehicles, IEventPublisher publisher, IOptions<FleetOptions> options) : IBulkEventHandler<ReadingsReceived>
{
    public async Task<IReadOnlyList<Exception?>> HandleAsync(IReadOnlyList<ReadingsReceived> messages, CancellationToken cancellationToken)
    {
        var byVehicle = await vehicles.ApplyAsync([.. messages.Where(message => message.Readings.Count > 0)], cancellationToken);
        return await Task.WhenAll(messages.Select(message => message.Readings.Count > 0
            ? AlertAsync(byVehicle[message.VehicleId], message, cancellationToken)
            : Task.FromResult<Exception?>(new UnprocessableMessageException("there are no readings in it"))));
    }

    /// <summary>Null when everything is published.</summary>
    private async Task<Exception?> AlertAsync(Vehicle vehicle, ReadingsReceived message, CancellationToken cancellationToken)
    {
        try
        {
            MessageInHand.EventId = message.EventId;
            foreach (var reading in message.Readings)
            {
                // A trip may be so old that it is not kept any more.
                if (vehicle.Find(reading.Trip) is { } trip)
                {
                    await AlertAsync(vehicle, trip, reading, cancellationToken);
                }
            }

            return null;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return failure;
        }
    }

    private async ValueTask AlertAsync(Vehicle vehicle, Trip trip, Reading reading, CancellationToken cancellationToken)
    {
        if (reading.Ignition && trip.StartedAt == reading.At)
        {
            await publisher.PublishAsync(new TripStarted(vehicle.Id, trip.Number, reading.At), cancellationToken);
        }

        if (reading.Speed > options.Value.SpeedLimit && trip.SpeedingAt == reading.At)
        {
            await publisher.PublishAsync(new SpeedingDetected(vehicle.Id, trip.Number, reading.At, reading.Speed), cancellationToken);
        }

        if (trip.EndedAt == reading.At)
        {
            await publisher.PublishAsync(new TripEnded(vehicle.Id, trip.Number, reading.At), cancellationToken);
        }
    }
}
