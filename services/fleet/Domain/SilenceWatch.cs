using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Options;

namespace Eventide.Fleet.Domain;

/// <summary>Who looks through a part of the fleet at the moment.</summary>
internal sealed record SilenceRound(DateTimeOffset NextAt, string By)
{
    public static string Key(int part) => $"fleet/silence-round/{part}";
}

/// <summary>
/// Notices vehicles from which nothing comes any more. Replicas share the parts of the fleet: whoever finds one due takes it, and the others leave it until its next
/// time. An alert is published before it is noted, so that a crash between the two, or a round that ends there, leads to a second one with the same id. Thread-safe.
/// </summary>
internal sealed class SilenceWatch(
    Vehicles vehicles, VehicleIndex index, DocumentStore store, IEventPublisher publisher, IOptions<FleetOptions> options, TimeProvider time)
{
    private readonly string _me = Guid.NewGuid().ToString("n");

    /// <summary>Looks once through every part that is due; answers how many vehicles it found silent.</summary>
    public async Task<int> LookAsync(CancellationToken cancellationToken)
    {
        var found = 0;
        for (var part = 0; part < VehicleIndex.Parts; part++)
        {
            var ids = await index.ListAsync(part, cancellationToken);
            if (ids.Count > 0 && await TakeAsync(part, cancellationToken) is { } until)
            {
                found += await LookAsync(ids, until, cancellationToken);
            }
        }

        return found;
    }

    // Until when nobody else takes it; null when somebody else has it.
    private async Task<DateTimeOffset?> TakeAsync(int part, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var mine = new SilenceRound(now + options.Value.SilenceCheck, _me);
        var stands = await store.UpdateAsync<SilenceRound>(SilenceRound.Key(part), current => current?.NextAt > now ? current : mine, cancellationToken);
        return stands == mine ? mine.NextAt : null;
    }

    private async Task<int> LookAsync(IReadOnlyCollection<string> ids, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var found = 0;
        foreach (var vehicle in (await vehicles.FindAsync(ids, cancellationToken)).Where(IsSilent))
        {
            await publisher.PublishAsync(new VehicleSilent(vehicle.Id, vehicle.Sequences.Highest, vehicle.LastReceivedAt), cancellationToken);
            await vehicles.MarkSilentAsync(vehicle, cancellationToken);
            found++;

            // From then on another replica may be about the same vehicles. Not before the first one: a part that is slow to read would never come to an alert.
            if (time.GetUtcNow() >= until)
            {
                break;
            }
        }

        return found;
    }

    private bool IsSilent(Vehicle vehicle)
    {
        var allowed = vehicle.Last.Ignition ? options.Value.SilenceOnTheRoad : options.Value.SilenceParked;
        return vehicle.SilentSince is null && time.GetUtcNow() - vehicle.LastReceivedAt > allowed;
    }
}
