using Eventide.Contracts;
using Eventide.Fleet.Domain;
using Eventide.ServiceDefaults.Messaging;
using Microsoft.Extensions.Options;

namespace Eventide.Fleet.Messages;

/// <summary>
/// Keeps what the readings say and publishes what follows from them. Which alerts that is depends on the readings and on what stands in the document afterwards, not
/// on whether they are new: so a delivery that was cut off after the write publishes them when it is repeated.
/// </summary>
internal sealed class ApplyReadings(Vehicles vehicles, IEventPublisher publisher, IOptions<FleetOptions> options) : IEventHandler<ReadingsReceived>
{
    public async Task HandleAsync(ReadingsReceived message, CancellationToken cancellationToken)
    {
        if (message.Readings.Count == 0)
        {
            throw new UnprocessableMessageException("there are no readings in it");
        }

        var vehicle = await vehicles.ApplyAsync(message, cancellationToken);
        foreach (var reading in message.Readings)
        {
            if (vehicle.Trips.FirstOrDefault(trip => trip.Number == reading.Trip) is not { } trip)
            {
                // A trip so old that it is not kept any more.
                continue;
            }

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
}
