using System.Globalization;
using Eventide.ChildProcesses;
using Eventide.Sidecar.Cli.Daprd;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>One process to start with its sidecar, every port and path decided. Immutable.</summary>
/// <param name="Replica">0 for the first process of the app.</param>
/// <param name="InternalPort">Null where all sidecars are in one process.</param>
internal sealed record AppPlan(
    RunFileApp App, int Replica, int? AppPort, int HttpPort, int GrpcPort, int MetricsPort, int? InternalPort, IReadOnlyList<string> ResourcesPaths,
    string? ConfigPath)
{
    private const string ApiTokenVariable = "DAPR_API_TOKEN";
    private const string AppApiTokenVariable = "APP_API_TOKEN";

    /// <summary>The app id; replicas share it.</summary>
    public string AppId => App.AppId!;

    /// <summary>What to call this process: the app id, with the number of the replica behind the first one.</summary>
    public string Name => Replica == 0 ? AppId : $"{AppId}-{Replica}";

    /// <summary>As dapr.yaml spells it.</summary>
    public string ProtocolName => App.Protocol.ToString().ToLowerInvariant();

    /// <summary>The path that is probed.</summary>
    public string HealthPath => App.HealthPath ?? "/healthz";

    /// <summary>The file with the app's output.</summary>
    public string Log { get; init; } = "";

    /// <summary>The file with the sidecar's log.</summary>
    public string SidecarLog { get; init; } = "";

    /// <summary>DAPR_API_TOKEN and APP_API_TOKEN as the app has them, of its own or of this process: app and sidecar have to know the same.</summary>
    public IReadOnlyDictionary<string, string> Tokens => new[] { ApiTokenVariable, AppApiTokenVariable }
        .Select(name => (Name: name, Value: App.Environment.GetValueOrDefault(name) ?? Environment.GetEnvironmentVariable(name)))
        .Where(token => !string.IsNullOrEmpty(token.Value)).ToDictionary(token => token.Name, token => token.Value!);

    /// <summary>What its sidecar is started with, in this process.</summary>
    public SidecarOptions Sidecar(RunSettings settings)
    {
        var options = new SidecarOptions
        {
            AppId = AppId,
            AppPort = AppPort,
            AppProtocol = App.Protocol,
            AppChannelAddress = App.ChannelAddress ?? "127.0.0.1",
            AppMaxConcurrency = App.MaxConcurrency,
            HttpPort = HttpPort,
            GrpcPort = GrpcPort,
            MetricsPort = MetricsPort,
            ApiToken = Tokens.GetValueOrDefault(ApiTokenVariable),
            AppApiToken = Tokens.GetValueOrDefault(AppApiTokenVariable),
            WorkingDirectory = settings.Data.FullName,
            ResourcesPaths = ResourcesPaths,
            ConfigPaths = ConfigPath is null ? [] : [ConfigPath],
            AppHealthCheck = App.HealthCheck,
            AppHealthCheckPath = HealthPath,
            AppHealthProbeInterval = TimeSpan.FromSeconds(App.HealthIntervalSeconds ?? 5),
            AppHealthProbeTimeout = TimeSpan.FromMilliseconds(App.HealthTimeoutMs ?? 500),
            AppHealthThreshold = App.HealthThreshold ?? 3,
        };
        return App.MaxBodySize is { } size ? options with { MaxBodySize = new FlagValue("maxBodySize", size).Quantity() } : options;
    }

    /// <summary>The flags with which daprd serves it.</summary>
    public IEnumerable<string> DaprdFlags()
    {
        var flags = new List<(string Name, string? Value)>
        {
            ("app-id", AppId), ("app-port", Text(AppPort)), ("app-protocol", ProtocolName), ("app-channel-address", App.ChannelAddress),
            ("app-max-concurrency", Text(App.MaxConcurrency)), ("dapr-http-port", Text(HttpPort)), ("dapr-grpc-port", Text(GrpcPort)),
            ("dapr-internal-grpc-port", Text(InternalPort)), ("metrics-port", Text(MetricsPort)), ("max-body-size", App.MaxBodySize),
            ("dapr-listen-addresses", "127.0.0.1"), ("config", ConfigPath), ("app-health-check-path", HealthPath),
            ("app-health-probe-interval", Text(App.HealthIntervalSeconds)), ("app-health-probe-timeout", Text(App.HealthTimeoutMs)),
            ("app-health-threshold", Text(App.HealthThreshold)),
        };
        flags.AddRange(ResourcesPaths.Select(path => ("resources-path", (string?)path)));
        return flags.Where(flag => !string.IsNullOrEmpty(flag.Value)).SelectMany(flag => new[] { "--" + flag.Name, flag.Value! })
            .Append($"--enable-app-health-check={(App.HealthCheck ? "true" : "false")}");
    }

    /// <summary>How the app itself is started.</summary>
    public ProcessPlan Process()
    {
        var variables = new Dictionary<string, string>
        {
            ["APP_ID"] = AppId,
            ["APP_PORT"] = Text(AppPort),
            ["APP_PROTOCOL"] = ProtocolName,
            ["DAPR_HTTP_PORT"] = Text(HttpPort),
            ["DAPR_GRPC_PORT"] = Text(GrpcPort),
            ["OTEL_SERVICE_NAME"] = AppId,

            // A dozen services share one machine here: a small heap matters more than the last bit of throughput.
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_TieredPGO"] = "0",

            // An idle worker that spins for new work takes the processor from the process that would send it.
            ["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0",

            // Merged logs are read line by line.
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        };
        foreach (var (name, value) in App.Environment)
        {
            variables[name] = value;
        }

        return new ProcessPlan(Name, App.Command, App.Folder, variables, Log);
    }

    private static string Text(int? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
