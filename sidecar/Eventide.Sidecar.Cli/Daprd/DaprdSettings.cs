using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Daprd;

/// <summary>What daprd's flags say. Flags fill it one by one.</summary>
internal sealed class DaprdSettings
{
    /// <summary>The sidecar's options so far; app-id is checked at the end.</summary>
    public SidecarOptions Options { get; set; } = new()
    {
        AppId = "",
        MetricsPort = 9090,
        InternalGrpcPort = 0,
        ApiToken = Environment.GetEnvironmentVariable("DAPR_API_TOKEN"),
        AppApiToken = Environment.GetEnvironmentVariable("APP_API_TOKEN"),
        Namespace = Environment.GetEnvironmentVariable("NAMESPACE") is { Length: > 0 } name ? name : "default",
        ServiceName = Environment.GetEnvironmentVariable("OTEL_SERVICE_NAME") is { Length: > 0 } service ? service : null,
    };

    /// <summary>Entries below it are not written.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>One JSON object per log line.</summary>
    public bool LogAsJson { get; set; }

    /// <summary>Print the version and end.</summary>
    public bool Version { get; set; }

    /// <summary>Print what was built and end.</summary>
    public bool BuildInfo { get; set; }

    /// <summary>Wait until a running sidecar is outbound-ready, and end.</summary>
    public bool Wait { get; set; }

    /// <summary>Whether metrics are served.</summary>
    public bool Metrics { get; set; } = true;

    /// <summary>https in the place of http (the old --app-ssl).</summary>
    public bool AppSsl { get; set; }

    /// <summary>The flags that were given and have no effect here.</summary>
    public List<string> Ineffective { get; } = [];
}
