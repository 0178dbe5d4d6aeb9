using System.Text.Json;

namespace Eventide.Scaling.Shop;

/// <summary>What the shop took on a machine, per order and per page; `make measure` writes it, the model reads it.</summary>
/// <param name="Machine">Where it was measured.</param>
/// <param name="MeasuredAt">When.</param>
/// <param name="Command">How.</param>
/// <param name="StartSeconds">From the decision to another replica to its first health check that passes; the image is not pulled here.</param>
/// <param name="Hop">Milliseconds of one step of an order when nothing else runs: broker, sidecar, handler, its store.</param>
/// <param name="Page">Milliseconds of one page of the catalog when nothing else runs.</param>
/// <param name="Services">By app id.</param>
public sealed record ShopMeasurement(
    string Machine, DateTimeOffset MeasuredAt, string Command, double StartSeconds, double Hop, double Page, IReadOnlyDictionary<string, ServiceMeasurement> Services)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">It is no measurement.</exception>
    public static ShopMeasurement Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ShopMeasurement>(File.ReadAllBytes(path), Json) ?? throw new JsonException("it is empty");
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException($"{path} is no measurement ({wrong.Message}); `make measure` writes one.", wrong);
        }
    }

    /// <summary>Writes a file, and its folder if need be.</summary>
    public void Write(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        File.WriteAllText(path, JsonSerializer.Serialize(this, Json) + Environment.NewLine);
    }
}

/// <summary>What one service took.</summary>
/// <param name="AppCpu">Processor milliseconds of the app for one order, or for one page where people browse.</param>
/// <param name="SidecarCpu">The same of its sidecar.</param>
/// <param name="IdleCpu">Thousandths of a core of the app when nothing happens.</param>
/// <param name="IdleSidecarCpu">The same of its sidecar.</param>
/// <param name="Memory">MiB of app and sidecar at rest after the load, shared pages divided among those who share them.</param>
/// <param name="Messages">Messages for one order, by topic.</param>
public sealed record ServiceMeasurement(
    double AppCpu, double SidecarCpu, double IdleCpu, double IdleSidecarCpu, double Memory, IReadOnlyDictionary<string, double> Messages);
