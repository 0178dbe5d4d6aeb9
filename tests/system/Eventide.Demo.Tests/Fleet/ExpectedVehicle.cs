using System.Text.Json;
using Eventide.Contracts;

namespace Eventide.Demo.Tests.Fleet;

/// <summary>What fleet has to know of a vehicle in the end, worked out from what was sent and in no other way.</summary>
internal static class ExpectedVehicle
{
    private const double SpeedLimit = 130;

    /// <summary>Null when what fleet says is right, otherwise what is wrong.</summary>
    public static string? FaultOf(IReadOnlyList<Reading> sent, JsonElement? vehicle, JsonElement? trips)
    {
        if (vehicle is not { } said || trips is not { } saidTrips)
        {
            return "it is not known";
        }

        var latest = sent.MaxBy(reading => (reading.At, reading.Sequence))!;
        var missing = sent.Max(reading => reading.Sequence) - sent.Min(reading => reading.Sequence) + 1 - sent.Count;
        var position = said.GetProperty("position");
        var faults = new List<string>();
        Compare("position", (latest.Sequence, latest.Latitude), (position.GetProperty("sequence").GetInt64(), position.GetProperty("latitude").GetDouble()));
        Compare("readings", sent.Count, said.GetProperty("readings").GetInt32());
        Compare("missing", missing, said.GetProperty("missing").GetInt64());
        Compare("restarts", 0, said.GetProperty("restarts").GetInt32());
        Compare("trips", string.Join("; ", sent.GroupBy(reading => reading.Trip).OrderByDescending(trip => trip.Key).Select(Of)), string.Join("; ", saidTrips.EnumerateArray().Select(Said)));
        return faults.Count == 0 ? null : string.Join(", ", faults);

        void Compare<T>(string what, T expected, T found)
        {
            if (!EqualityComparer<T>.Default.Equals(expected, found))
            {
                faults.Add($"{what}: {found}, not {expected}");
            }
        }
    }

    /// <summary>The ids of every alert that has to come of these readings, whatever their order.</summary>
    public static IEnumerable<string> Alerts(string vehicle, IReadOnlyList<Reading> sent) => sent.GroupBy(reading => reading.Trip).SelectMany(trip => new[]
    {
        trip.MinBy(reading => reading.At)!.Ignition ? "started" : null,
        trip.Any(reading => !reading.Ignition) ? "ended" : null,
        trip.Any(reading => reading.Speed > SpeedLimit) ? "speeding" : null,
    }.OfType<string>().Select(what => $"{vehicle}.trip-{trip.Key}.{what}"));

    private static string Of(IGrouping<int, Reading> trip) => Text(
        trip.Key, trip.Min(reading => reading.At), trip.Max(reading => reading.At), trip.Where(reading => !reading.Ignition).Min(reading => (DateTimeOffset?)reading.At),
        trip.Max(reading => reading.Odometer) - trip.Min(reading => reading.Odometer), trip.Max(reading => reading.Speed));

    private static string Said(JsonElement trip) => Text(
        trip.GetProperty("number").GetInt32(), trip.GetProperty("startedAt").GetDateTimeOffset(), trip.GetProperty("lastAt").GetDateTimeOffset(),
        trip.GetProperty("endedAt") is { ValueKind: JsonValueKind.String } end ? end.GetDateTimeOffset() : null, trip.GetProperty("distance").GetDouble(), trip.GetProperty("topSpeed").GetDouble());

    private static string Text(int number, DateTimeOffset begin, DateTimeOffset last, DateTimeOffset? end, double distance, double speed) =>
        $"{number} {begin:HH:mm:ss}-{last:HH:mm:ss} ended {end:HH:mm:ss} {distance:0.000} km {speed} km/h";
}
