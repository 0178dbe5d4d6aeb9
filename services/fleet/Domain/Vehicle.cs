using System.Text.Json.Serialization;
using Eventide.Contracts;

namespace Eventide.Fleet.Domain;

/// <summary>
/// All that is known of a vehicle, in one document. Readings that come twice change nothing; in which order they come changes only how many are called late.
/// Immutable.
/// </summary>
/// <param name="Last">The reading with the latest device time; of two with the same time, the one with the higher sequence.</param>
/// <param name="LastReceivedAt">By our clock.</param>
/// <param name="Trips">The latest, the newest first.</param>
/// <param name="Readings">Counted once each.</param>
/// <param name="Late">How many of them came after a newer one.</param>
/// <param name="Restarts">How often the device began to count anew.</param>
/// <param name="SilentSince">Its last sequence, when it has been silent since.</param>
/// <param name="RestartedAt">When the device was first heard that counts now, by its own clock; null when it is the first one.</param>
internal sealed record Vehicle(
    string Id, Reading Last, DateTimeOffset LastReceivedAt, SequenceWindow Sequences, [property: JsonConverter(typeof(TripsJson))] IReadOnlyList<Trip> Trips, long Readings,
    long Late, int Restarts, long? SilentSince, DateTimeOffset? RestartedAt = null)
{
    private const int KeptTrips = 20;

    // A device that says again what it has said, or what is long past, and is later by its own clock than all before, has been reset or replaced.
    private static readonly TimeSpan Reset = TimeSpan.FromMinutes(1);

    public static string Key(string id) => $"fleet/vehicle/{id}";

    public static Vehicle Of(string id, DateTimeOffset receivedAt, Reading reading, double speedLimit) =>
        new(id, reading, receivedAt, SequenceWindow.Of(reading.Sequence), [Trip.Of(reading, speedLimit)], 1, 0, 0, null);

    /// <summary>The vehicle after a reading; the same instance when the reading is known.</summary>
    public Vehicle With(Reading reading, DateTimeOffset receivedAt, double speedLimit)
    {
        // Of the device before this one: its count is closed, and in the new one the reading would make a gap that there never was.
        if (RestartedAt is { } restart && reading.At < restart && reading.Sequence > Sequences.First)
        {
            return this;
        }

        var (window, place) = Sequences.Add(reading.Sequence);
        if (place is Place.Forgotten or Place.Duplicate && reading.At > Last.At + Reset)
        {
            return Read(reading, receivedAt, speedLimit) with
            {
                Sequences = SequenceWindow.Of(reading.Sequence),
                Restarts = Restarts + 1,
                RestartedAt = reading.At,
            };
        }

        return place switch
        {
            Place.Next => Read(reading, receivedAt, speedLimit) with { Sequences = window },
            Place.Late => Read(reading, receivedAt, speedLimit) with { Sequences = window, Late = Late + 1 },
            _ => this,
        };
    }

    /// <summary>A trip by its number; null when it is not kept any more.</summary>
    public Trip? Find(int trip)
    {
        foreach (var kept in Trips)
        {
            if (kept.Number == trip)
            {
                return kept;
            }
        }

        return null;
    }

    private Vehicle Read(Reading reading, DateTimeOffset receivedAt, double speedLimit) => this with
    {
        Last = (reading.At, reading.Sequence).CompareTo((Last.At, Last.Sequence)) > 0 ? reading : Last,
        LastReceivedAt = receivedAt > LastReceivedAt ? receivedAt : LastReceivedAt,
        Trips = WithTrip(reading, speedLimit),
        Readings = Readings + 1,
        SilentSince = null,
    };

    private IReadOnlyList<Trip> WithTrip(Reading reading, double speedLimit)
    {
        var trips = new List<Trip>(Trips.Count + 1);
        var found = false;
        foreach (var trip in Trips)
        {
            found |= trip.Number == reading.Trip;
            trips.Add(trip.Number == reading.Trip ? trip.With(reading, speedLimit) : trip);
        }

        if (!found)
        {
            trips.Add(Trip.Of(reading, speedLimit));
            trips.Sort((one, other) => other.Number.CompareTo(one.Number));
            if (trips.Count > KeptTrips)
            {
                trips.RemoveAt(KeptTrips);
            }
        }

        return trips;
    }
}
