using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Eventide.Scaling.Load.Schedule;

namespace Eventide.Scaling.Load.Targets;

/// <summary>Readings as telemetry takes them, and what it answers.</summary>
internal static class ReadingsBody
{
    private const int PerReading = 220;
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    /// <param name="isSingle">One reading alone instead of a list.</param>
    public static HttpContent Of(IReadOnlyList<DeviceReading> readings, DeviceClock clock, bool isSingle)
    {
        var buffer = new ArrayBufferWriter<byte>(PerReading * (readings.Count + 1));
        using (var json = new Utf8JsonWriter(buffer))
        {
            if (isSingle)
            {
                Write(json, readings[0], clock);
            }
            else
            {
                json.WriteStartArray();
                foreach (var reading in readings)
                {
                    Write(json, reading, clock);
                }

                json.WriteEndArray();
            }
        }

        return new ReadOnlyMemoryContent(buffer.WrittenMemory) { Headers = { ContentType = Json } };
    }

    /// <summary>Which readings of a batch were refused (207).</summary>
    public static async Task<IReadOnlyList<RefusedReading>> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (await JsonSerializer.DeserializeAsync<Intake>(body, JsonSerializerOptions.Web, cancellationToken))?.Refused ?? [];
    }

    private static void Write(Utf8JsonWriter json, DeviceReading reading, DeviceClock clock)
    {
        json.WriteStartObject();
        json.WriteString("vehicleId", clock.Ids[reading.Vehicle]);
        json.WriteNumber("sequence", reading.Sequence);
        json.WriteString("at", clock.Midnight + reading.At);
        json.WriteNumber("latitude", reading.Latitude);
        json.WriteNumber("longitude", reading.Longitude);
        json.WriteNumber("speed", reading.Speed);
        json.WriteNumber("odometer", reading.Odometer);
        json.WriteBoolean("ignition", reading.Ignition);
        json.WriteNumber("trip", reading.Trip);
        json.WriteEndObject();
    }

    private sealed record Intake(IReadOnlyList<RefusedReading> Refused);
}
