using System.Globalization;
using System.Text.Json;

namespace Eventide.TestSupport.Tracing;

/// <summary>Reads OTLP's JSON form, in which ids are hex (protobuf's own JSON has them in base64) and 64-bit numbers are text.</summary>
internal static class OtlpJson
{
    public static IEnumerable<ReceivedSpan> Read(JsonElement request) =>
        from resourceSpans in Items(request, "resourceSpans")
        let resource = Attributes(resourceSpans.TryGetProperty("resource", out var found) ? found : default)
        from scopeSpans in Items(resourceSpans, "scopeSpans")
        from span in Items(scopeSpans, "spans")
        select new ReceivedSpan(
            Text(span, "traceId").ToLowerInvariant(), Text(span, "spanId").ToLowerInvariant(), Text(span, "parentSpanId").ToLowerInvariant(), Text(span, "name"),
            span.TryGetProperty("kind", out var kind) ? kind.GetInt32() : 0,
            scopeSpans.TryGetProperty("scope", out var scope) ? Text(scope, "name") : "",
            Time(span, "startTimeUnixNano"), Time(span, "endTimeUnixNano"), Attributes(span), resource);

    private static Dictionary<string, string> Attributes(JsonElement owner) => Items(owner, "attributes")
        .DistinctBy(attribute => Text(attribute, "key"))
        .ToDictionary(attribute => Text(attribute, "key"), attribute => attribute.GetProperty("value").EnumerateObject().First().Value.ToString());

    private static IEnumerable<JsonElement> Items(JsonElement owner, string name) =>
        owner.ValueKind == JsonValueKind.Object && owner.TryGetProperty(name, out var items) ? items.EnumerateArray() : [];

    private static string Text(JsonElement owner, string name) => owner.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    private static DateTimeOffset Time(JsonElement span, string name) =>
        span.TryGetProperty(name, out var value) && ulong.TryParse(value.ToString(), CultureInfo.InvariantCulture, out var nanoseconds)
            ? DateTimeOffset.UnixEpoch.AddTicks((long)(nanoseconds / 100)) : default;
}
