using System.Text.Json;
using System.Text.Json.Serialization;

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
    private const string ForPages = "catalog";
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>How much of the machine others took meanwhile, in percent: more than a few, and times mean little. Null when not known.</summary>
    public double? OtherLoadPercent { get; init; }

    /// <summary>The same shop as one process; null when it was not measured.</summary>
    public MonolithMeasurement? Monolith { get; init; }

    /// <summary>What readings of vehicles took; null when it was not measured.</summary>
    public FleetMeasurement? Fleet { get; init; }

    /// <summary>What readings took.</summary>
    /// <exception cref="InvalidDataException">It was not measured.</exception>
    [JsonIgnore]
    public FleetMeasurement RequiredFleet =>
        Fleet ?? throw new InvalidDataException("The measurement has no readings of vehicles; `make measure` writes one that has.");

    /// <summary>The monolith.</summary>
    /// <exception cref="InvalidDataException">It was not measured.</exception>
    [JsonIgnore]
    public MonolithMeasurement RequiredMonolith =>
        Monolith ?? throw new InvalidDataException("The measurement has no monolith; `make measure` writes one that has.");

    /// <summary>Processor milliseconds of one order, all apps and sidecars together.</summary>
    [JsonIgnore]
    public double CpuPerOrder => Services.Sum(service => service.Key == ForPages
        ? service.Value.CpuPerOrder + service.Value.SidecarCpuPerOrder : service.Value.AppCpu + service.Value.SidecarCpu);

    /// <summary>The same of one page of the catalog.</summary>
    [JsonIgnore]
    public double CpuPerPage => Services.TryGetValue(ForPages, out var catalog) ? catalog.AppCpu + catalog.SidecarCpu : 0;

    /// <summary>Processor milliseconds of one order in the monolith and in notification beside it.</summary>
    [JsonIgnore]
    public double CpuPerOrderOfMonolith => RequiredMonolith.Service.AppCpu + RequiredMonolith.Service.SidecarCpu
        + (Services.TryGetValue("notification", out var beside) ? beside.AppCpu + beside.SidecarCpu : 0);

    /// <summary>The same of one page.</summary>
    [JsonIgnore]
    public double CpuPerPageOfMonolith => RequiredMonolith.PageCpu + RequiredMonolith.PageSidecarCpu;

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
    double AppCpu, double SidecarCpu, double IdleCpu, double IdleSidecarCpu, double Memory, IReadOnlyDictionary<string, double> Messages)
{
    /// <summary>Processor milliseconds of the app for one order, where <see cref="AppCpu"/> is that of a page.</summary>
    public double CpuPerOrder { get; init; }

    /// <summary>The same of its sidecar.</summary>
    public double SidecarCpuPerOrder { get; init; }
}

/// <summary>What the shop took as one process.</summary>
/// <param name="Service">Per order, as of a service.</param>
/// <param name="PageCpu">Processor milliseconds of the app for one page of the catalog.</param>
/// <param name="PageSidecarCpu">The same of its sidecar.</param>
/// <param name="StartSeconds">From the begin of its start to its first health check that passes.</param>
/// <param name="Hop">Milliseconds of one step of an order when nothing else runs.</param>
/// <param name="Page">Milliseconds of one page of the catalog when nothing else runs.</param>
public sealed record MonolithMeasurement(ServiceMeasurement Service, double PageCpu, double PageSidecarCpu, double StartSeconds, double Hop, double Page);

/// <summary>What a reading of a vehicle took on its way into the state of the vehicle, when gateways send them.</summary>
/// <param name="PerRequest">Readings that a gateway sends together.</param>
/// <param name="TelemetryCpu">Processor milliseconds of telemetry for one reading.</param>
/// <param name="TelemetrySidecarCpu">The same of its sidecar.</param>
/// <param name="FleetCpu">Processor milliseconds of fleet for one reading.</param>
/// <param name="FleetSidecarCpu">The same of its sidecar.</param>
/// <param name="Request">Milliseconds of one request when nothing else runs.</param>
/// <param name="Applied">Milliseconds from its answer until fleet has counted its readings.</param>
public sealed record FleetMeasurement(
    int PerRequest, double TelemetryCpu, double TelemetrySidecarCpu, double FleetCpu, double FleetSidecarCpu, double Request, double Applied);
