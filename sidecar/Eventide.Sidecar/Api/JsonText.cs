using System.Text.Json;

namespace Eventide.Sidecar.Api;

/// <summary>Bytes that callers say are JSON.</summary>
internal static class JsonText
{
    /// <summary>Whether they are one JSON value, nested no deeper than 64.</summary>
    public static bool IsValid(ReadOnlySpan<byte> value)
    {
        try
        {
            var reader = new Utf8JsonReader(value);
            while (reader.Read())
            {
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
