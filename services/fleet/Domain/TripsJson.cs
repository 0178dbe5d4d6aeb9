using System.Text.Json;
using System.Text.Json.Serialization;

namespace Eventide.Fleet.Domain;

/// <summary>
/// Trips as they are kept: a list of numbers each, in the order of <see cref="Trip"/>. They are most of a vehicle's document, which is read and written with every
/// reading; with names and dates they would be four times as long. Times are ticks of UTC, those after the first counted from it.
/// </summary>
internal sealed class TripsJson : JsonConverter<IReadOnlyList<Trip>>
{
    public override IReadOnlyList<Trip> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray);
        var trips = new List<Trip>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            Expect(reader.TokenType == JsonTokenType.StartArray);
            reader.Read();
            var number = reader.GetInt32();
            reader.Read();
            var startedAt = new DateTimeOffset(reader.GetInt64(), TimeSpan.Zero);
            trips.Add(new Trip(
                number, startedAt, Time(ref reader, startedAt) ?? startedAt, Time(ref reader, startedAt), Number(ref reader), Number(ref reader), Number(ref reader),
                Time(ref reader, startedAt)));
            Expect(reader.Read() && reader.TokenType == JsonTokenType.EndArray);
        }

        return trips;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<Trip> value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var trip in value)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(trip.Number);
            writer.WriteNumberValue(trip.StartedAt.UtcTicks);
            Write(writer, trip.LastAt, trip.StartedAt);
            Write(writer, trip.EndedAt, trip.StartedAt);
            writer.WriteNumberValue(trip.StartOdometer);
            writer.WriteNumberValue(trip.EndOdometer);
            writer.WriteNumberValue(trip.TopSpeed);
            Write(writer, trip.SpeedingAt, trip.StartedAt);
            writer.WriteEndArray();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, DateTimeOffset? time, DateTimeOffset startedAt)
    {
        if (time is { } known)
        {
            writer.WriteNumberValue(known.UtcTicks - startedAt.UtcTicks);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static DateTimeOffset? Time(ref Utf8JsonReader reader, DateTimeOffset startedAt)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : new DateTimeOffset(startedAt.UtcTicks + reader.GetInt64(), TimeSpan.Zero);
    }

    private static double Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetDouble();
    }

    private static void Expect(bool holds)
    {
        if (!holds)
        {
            throw new JsonException();
        }
    }
}
