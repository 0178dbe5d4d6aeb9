using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar;

/// <summary>What one sidecar is told at its start: daprd's flags and environment, as values (Dapr: cmd/daprd/options/options.go).</summary>
public sealed record SidecarOptions
{
    /// <summary>The id of the app that this sidecar serves.</summary>
    public required string AppId { get; init; }

    /// <summary>The port that the app listens on; null when the app only calls and is never called.</summary>
    public int? AppPort { get; init; }

    /// <summary>How the app is spoken to. The default is HTTP/1.1.</summary>
    public AppProtocol AppProtocol { get; init; } = AppProtocol.Http;

    /// <summary>The address that the app listens on. The default is 127.0.0.1.</summary>
    public string AppChannelAddress { get; init; } = "127.0.0.1";

    /// <summary>At most so many calls to the app at once; null means no limit.</summary>
    public int? AppMaxConcurrency { get; init; }

    /// <summary>The port of the HTTP API; 0 takes a free one.</summary>
    public int HttpPort { get; init; } = 3500;

    /// <summary>The port of the gRPC API; 0 takes a free one.</summary>
    public int GrpcPort { get; init; } = 50001;

    /// <summary>The address that both APIs listen on. The default is 127.0.0.1: the sidecar is for its own app.</summary>
    public string ListenAddress { get; init; } = "127.0.0.1";

    /// <summary>The port for calls from sidecars of other processes; 0 takes a free one, null takes no such calls.</summary>
    public int? InternalGrpcPort { get; init; }

    /// <summary>The port of the Prometheus metrics; 0 takes a free one, null serves none.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>Folders with component, subscription and resiliency files, read in this order.</summary>
    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];

    /// <summary>Configuration files, merged in this order.</summary>
    public IReadOnlyList<string> ConfigPaths { get; init; } = [];

    /// <summary>The folder that relative paths in component files start from. The default is the current folder.</summary>
    public string WorkingDirectory { get; init; } = Environment.CurrentDirectory;

    /// <summary>The namespace (Dapr: environment variable NAMESPACE). The default is "default".</summary>
    public string Namespace { get; init; } = "default";

    /// <summary>When set, callers of this sidecar must send it (DAPR_API_TOKEN).</summary>
    public string? ApiToken { get; init; }

    /// <summary>When set, the sidecar sends it with every call to the app (APP_API_TOKEN).</summary>
    public string? AppApiToken { get; init; }

    /// <summary>Whether the app is probed and delivery pauses while it is unhealthy.</summary>
    public bool AppHealthCheck { get; init; }

    /// <summary>The path that is probed. The default is /healthz.</summary>
    public string AppHealthCheckPath { get; init; } = "/healthz";

    /// <summary>From the end of one probe to the start of the next. The default is 5 seconds.</summary>
    public TimeSpan AppHealthProbeInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one probe may take. The default is 500 milliseconds.</summary>
    public TimeSpan AppHealthProbeTimeout { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>So many failed probes in a row make the app unhealthy. The default is 3.</summary>
    public int AppHealthThreshold { get; init; } = 3;

    /// <summary>The largest request body and gRPC message in bytes. The default is 4 MiB.</summary>
    public long MaxBodySize { get; init; } = 4 * 1024 * 1024;

    /// <summary>How long a clean stop may take before it is forced. The default is 5 seconds.</summary>
    public TimeSpan GracefulShutdown { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an ended workflow instance is kept before it is removed by itself; null keeps it until it is purged. A retention policy in a configuration file
    /// overrides it. The default is 1 day.
    /// </summary>
    public TimeSpan? WorkflowRetention { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Environment for <c>envRef</c> and <c>secretstores.local.env</c>; null reads the process environment.</summary>
    public IReadOnlyDictionary<string, string>? EnvironmentVariables { get; init; }

    /// <summary>How long a stop waits, at most, for the app to turn unhealthy first (daprd's --dapr-block-shutdown-duration); null does not wait.</summary>
    public TimeSpan? BlockShutdown { get; init; }

    /// <summary>The service name of its spans (Dapr: OTEL_SERVICE_NAME); null takes the app id.</summary>
    public string? ServiceName { get; init; }

    /// <summary>Where this sidecar logs; null logs where its <see cref="SidecarHost"/> does.</summary>
    public ILoggerFactory? Loggers { get; init; }

    internal string? Variable(string name) =>
        EnvironmentVariables is null ? Environment.GetEnvironmentVariable(name) : EnvironmentVariables.GetValueOrDefault(name);

    internal IEnumerable<KeyValuePair<string, string>> Variables() => EnvironmentVariables
        ?? Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .Select(variable => KeyValuePair.Create((string)variable.Key, (string?)variable.Value ?? ""));
}
