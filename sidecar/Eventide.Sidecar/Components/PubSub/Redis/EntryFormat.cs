using System.Text.Json;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.PubSub.Redis;

/// <summary>A message as daprd writes it into a stream: the field data with its bytes, and metadata with the publish metadata as a JSON object of strings.</summary>
internal static class EntryFormat
{
    private static readonly RedisValue Data = "data";
    private static readonly RedisValue Metadata = "metadata";
    private static readonly byte[] Nothing = "{}"u8.ToArray();
    private static readonly IReadOnlyDictionary<string, string> None = new Dictionary<string, string>();

    /// <summary>The fields of a message.</summary>
    public static NameValueEntry[] Write(PubSubMessage message) =>
        [new(Data, message.Data), new(Metadata, message.Metadata.Count == 0 ? Nothing : JsonSerializer.SerializeToUtf8Bytes(message.Metadata))];

    /// <summary>The message of an entry, whoever wrote it. Metadata that cannot be read is left out, as daprd does.</summary>
    public static PubSubMessage Read(string topic, StreamEntry entry) => new(topic, entry[Data], null, Parse(entry[Metadata]));

    private static IReadOnlyDictionary<string, string> Parse(ReadOnlyMemory<byte> json)
    {
        if (json.Length <= Nothing.Length)
        {
            return None;
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(json.Span) ?? None;
        }
        catch (JsonException)
        {
            return None;
        }
    }
}
