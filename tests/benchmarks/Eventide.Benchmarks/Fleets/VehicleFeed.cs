using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Eventide.Benchmarks.Fleets;

/// <summary>
/// What the vehicles behind one gateway say, request by request: first the days before, in which each has made as many trips as fleet keeps, then one reading of
/// each vehicle per request. A trip has 60 readings, which is half an hour; vehicles begin theirs one after the other. Not thread-safe.
/// </summary>
internal sealed class VehicleFeed(int gateway, int vehicles)
{
    /// <summary>Readings of each vehicle that are sent before anything is measured: one of each earlier trip.</summary>
    public const int Past = 20;

    private const int ReadingsPerTrip = 60;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    // Telemetry refuses what is older than seven days.
    private readonly DateTimeOffset _begin = DateTimeOffset.UtcNow.AddDays(-6);
    private readonly ArrayBufferWriter<byte> _buffer = new(256 * 1024);
    private int _round = Past;

    /// <summary>The vehicles' ids.</summary>
    public IReadOnlyList<string> Ids { get; } = [.. Enumerable.Range(0, vehicles).Select(vehicle => string.Create(CultureInfo.InvariantCulture, $"truck-{gateway}-{vehicle:0000}"))];

    /// <summary>Readings of each vehicle so far, the past included.</summary>
    public int Rounds => _round;

    /// <summary>The past of some vehicles as one request; a vehicle's readings travel together.</summary>
    public ReadOnlyMemory<byte> History(int first, int count) => Write(json =>
    {
        for (var vehicle = first; vehicle < first + count; vehicle++)
        {
            for (var trip = 0; trip < Past; trip++)
            {
                WriteReading(json, vehicle, sequence: trip + 1, trip, isFirst: true, isLast: false);
            }
        }
    });

    /// <summary>The next reading of every vehicle as one request. Valid until the next call.</summary>
    public ReadOnlyMemory<byte> Next() => Write(json =>
    {
        _round++;
        for (var vehicle = 0; vehicle < vehicles; vehicle++)
        {
            var place = _round - Past + vehicle;
            WriteReading(
                json, vehicle, _round, Past + (place / ReadingsPerTrip), isFirst: place % ReadingsPerTrip == 0, isLast: place % ReadingsPerTrip == ReadingsPerTrip - 1);
        }
    });

    private ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        _buffer.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartArray();
        write(json);
        json.WriteEndArray();
        json.Flush();
        return _buffer.WrittenMemory;
    }

    private void WriteReading(Utf8JsonWriter json, int vehicle, int sequence, int trip, bool isFirst, bool isLast)
    {
        json.WriteStartObject();
        json.WriteString("vehicleId", Ids[vehicle]);
        json.WriteNumber("sequence", sequence);
        json.WriteString("at", _begin + (sequence * Period));
        json.WriteNumber("latitude", Math.Round(52.5 + (sequence * 0.0041), 6));
        json.WriteNumber("longitude", Math.Round(13.4 + (vehicle * 0.0007), 6));
        json.WriteNumber("speed", isFirst || isLast ? 0 : 60 + (sequence % 30));
        json.WriteNumber("odometer", Math.Round(120_000 + (sequence * 0.6), 1));
        json.WriteBoolean("ignition", !isLast);
        json.WriteNumber("trip", trip);
        json.WriteEndObject();
    }
}
