using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Eventide.Sidecar.Api;

/// <summary>What both surfaces write the same way into a state answer.</summary>
internal static class StateAnswers
{
    /// <summary>The metadata entry that tells when an item goes.</summary>
    public const string Expiry = "ttlExpireTime";

    /// <summary>An instant as the API writes it.</summary>
    public static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    /// <summary>A stored value inside a JSON answer: JSON as it is, other text as a string, anything else as base64. gRPC can store all three.</summary>
    public static void WriteValue(Utf8JsonWriter json, ReadOnlySpan<byte> value)
    {
        if (JsonText.IsValid(value))
        {
            json.WriteRawValue(value, skipInputValidation: true);
        }
        else if (Utf8.IsValid(value))
        {
            json.WriteStringValue(Encoding.UTF8.GetString(value));
        }
        else
        {
            json.WriteBase64StringValue(value);
        }
    }
}
