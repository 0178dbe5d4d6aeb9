using System.Text.Json;
using System.Text.Json.Serialization;

namespace Eventide.Scaling.Economics;

/// <summary>What capacity costs; a small file with its source, because prices change and differ.</summary>
/// <param name="Source">Whose prices, of which place, of when.</param>
/// <param name="VCpuHour">One processor for an hour.</param>
/// <param name="GibHour">One GiB of memory for an hour.</param>
/// <param name="UsablePercent">How much of the processor that is paid for may be in use: the rest is room for what comes before another replica is ready. The same for both shapes.</param>
public sealed record Prices(string Source, string Currency, double VCpuHour, double GibHour, double UsablePercent)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">With the file and what is wrong.</exception>
    public static Prices Read(string path)
    {
        try
        {
            var prices = JsonSerializer.Deserialize<Prices>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
            return prices.Checked(path);
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException($"{path} does not say what capacity costs: {wrong.Message}", wrong);
        }
    }

    /// <summary>The cost of what was held ready.</summary>
    public double Of(double vCpuHours, double gibHours) => (vCpuHours * VCpuHour) + (gibHours * GibHour);

    /// <summary>The same, if it can be.</summary>
    /// <exception cref="InvalidDataException">A price is negative, or nothing may be used.</exception>
    public Prices Checked(string path) =>
        VCpuHour < 0 || GibHour < 0 ? throw new InvalidDataException($"{path}: a price is negative; vCpuHour and gibHour are 0 or more.")
        : UsablePercent is > 0 and <= 100 ? this
        : throw new InvalidDataException($"{path}: usablePercent is {UsablePercent}; it is more than 0 and at most 100.");
}
