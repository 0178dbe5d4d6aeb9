using System.Text.Json;
using Eventide.Telemetry.Domain;

namespace Eventide.Telemetry.Api;

/// <summary>Many readings as JSON. One of which a value has the wrong type is there as one that says so, and does not spoil the others.</summary>
internal static class ReadingsBody
{
    /// <summary>Reads an array.</summary>
    /// <exception cref="BadHttpRequestException">It is no JSON, or no array.</exception>
    public static async Task<IReadOnlyList<VehicleReading>> ReadArrayAsync(HttpRequest request, JsonSerializerOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return Array(await BytesAsync(request, cancellationToken), options);
        }
        catch (JsonException fault)
        {
            throw new BadHttpRequestException("The body is no array of readings.", fault);
        }
    }

    /// <summary>Reads an array, or one reading alone.</summary>
    /// <exception cref="JsonException">It is neither.</exception>
    public static async Task<IReadOnlyList<VehicleReading>> ReadArrayOrOneAsync(HttpRequest request, JsonSerializerOptions options, CancellationToken cancellationToken)
    {
        var bytes = await BytesAsync(request, cancellationToken);
        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.ValueKind == JsonValueKind.Object ? [One(document.RootElement, options)] : Array(bytes, options);
    }

    private static async Task<ReadOnlyMemory<byte>> BytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var bytes = new MemoryStream((int)Math.Min(request.ContentLength ?? 0, int.MaxValue));
        await request.Body.CopyToAsync(bytes, cancellationToken);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }

    private static IReadOnlyList<VehicleReading> Array(ReadOnlyMemory<byte> bytes, JsonSerializerOptions options)
    {
        try
        {
            if (JsonSerializer.Deserialize<VehicleReading?[]>(bytes.Span, options) is { } readings && !readings.Contains(null))
            {
                return readings!;
            }
        }
        catch (JsonException fault) when (fault.InnerException is not JsonException)
        {
            // A value has the wrong type: one by one it turns out where.
        }

        using var document = JsonDocument.Parse(bytes);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? [.. document.RootElement.EnumerateArray().Select(element => One(element, options))]
            : throw new JsonException("There is no array.", "$", 0, 0);
    }

    private static VehicleReading One(JsonElement element, JsonSerializerOptions options)
    {
        try
        {
            return element.Deserialize<VehicleReading>(options) ?? Unreadable("reading", "Send an object, not null.");
        }
        catch (JsonException fault)
        {
            return fault.Path is { Length: > 2 } path && path.StartsWith("$.", StringComparison.Ordinal)
                ? Unreadable(path[2..], "The value has the wrong type.")
                : Unreadable("reading", "Send an object with the fields of a reading.");
        }
    }

    private static VehicleReading Unreadable(string field, string message) => new() { Unreadable = (field, message) };
}
