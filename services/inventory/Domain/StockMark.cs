using System.Text.Json;
using System.Text.Json.Serialization;

namespace Eventide.Inventory.Domain;

/// <summary>What an order has done to a SKU. The numbers are stored: append only.</summary>
public enum MarkState
{
    Reserved = 0,
    Sold = 1,
    Released = 2,
}

/// <summary>One order's effect on a SKU: it makes every change recognisable, so that repeating it changes nothing.</summary>
/// <param name="Time">Of the latest change, in whole seconds.</param>
[JsonConverter(typeof(StockMarkJson))]
public readonly record struct StockMark(int Quantity, MarkState State, DateTimeOffset Time);

/// <summary>As [quantity, state, seconds]: a popular SKU has thousands of marks, and all of them travel with every change.</summary>
internal sealed class StockMarkJson : JsonConverter<StockMark>
{
    public override StockMark Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("a stock mark is [quantity, state, seconds]");
        }

        reader.Read();
        var quantity = reader.GetInt32();
        reader.Read();
        var state = (MarkState)reader.GetInt32();
        reader.Read();
        var time = DateTimeOffset.FromUnixTimeSeconds(reader.GetInt64());
        reader.Read();
        return reader.TokenType == JsonTokenType.EndArray ? new StockMark(quantity, state, time) : throw new JsonException("a stock mark has three numbers");
    }

    public override void Write(Utf8JsonWriter writer, StockMark mark, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        writer.WriteNumberValue(mark.Quantity);
        writer.WriteNumberValue((int)mark.State);
        writer.WriteNumberValue(mark.Time.ToUnixTimeSeconds());
        writer.WriteEndArray();
    }
}
