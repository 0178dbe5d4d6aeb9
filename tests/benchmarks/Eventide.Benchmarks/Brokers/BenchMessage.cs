using System.Text.Json;

namespace Eventide.Benchmarks.Brokers;

/// <summary>The message that is measured: a JSON object of 1 KiB with its number in it.</summary>
internal static class BenchMessage
{
    private const int Size = 1024;

    public static byte[] Create(int number)
    {
        var start = $$"""{"number":{{number}},"text":""" + "\"";
        var message = new byte[Size];
        message.AsSpan().Fill((byte)'x');
        System.Text.Encoding.ASCII.GetBytes(start, message);
        "\"}"u8.CopyTo(message.AsSpan(Size - 2));
        return message;
    }

    /// <summary>What the handler does: it reads the message.</summary>
    public static int Handle(ReadOnlySpan<byte> message)
    {
        var reader = new Utf8JsonReader(message);
        var number = -1;
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("number"u8))
            {
                reader.Read();
                number = reader.GetInt32();
            }
        }

        return number;
    }
}
