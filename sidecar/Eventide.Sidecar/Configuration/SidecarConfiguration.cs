namespace Eventide.Sidecar.Configuration;

/// <summary>kind: Configuration, as far as this sidecar serves it; all files of one sidecar merged. Immutable.</summary>
internal sealed record SidecarConfiguration
{
    /// <summary>spec.tracing.</summary>
    public TracingSettings Tracing { get; init; } = new();

    /// <summary>spec.metrics; the default is true.</summary>
    public bool MetricsEnabled { get; init; } = true;

    /// <summary>spec.api.allowed: when there are any, nothing else is served.</summary>
    public IReadOnlyList<ApiRule> AllowedApis { get; init; } = [];

    /// <summary>spec.api.denied.</summary>
    public IReadOnlyList<ApiRule> DeniedApis { get; init; } = [];

    /// <summary>spec.nameResolution; null takes the default.</summary>
    public NameResolutionSettings? NameResolution { get; init; }

    /// <summary>spec.workflow.</summary>
    public WorkflowSettings Workflow { get; init; } = new();

    /// <summary>What was written and has no effect: one sentence each, with file and line.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>spec.tracing.</summary>
/// <param name="SamplingRate">The share of new traces that are recorded, 0 to 1; 0 turns tracing off. Null when not written: then 1.</param>
/// <param name="Otel">Where spans go; null when the files do not say.</param>
internal sealed record TracingSettings(double? SamplingRate = null, OtelSettings? Otel = null);

/// <summary>spec.tracing.otel.</summary>
/// <param name="EndpointAddress">host:port, without a scheme.</param>
/// <param name="Http">OTLP over HTTP with protobuf; otherwise over gRPC.</param>
/// <param name="Headers">Sent with each export, as "name=value,name=value".</param>
/// <param name="Timeout">Of one export; null takes OpenTelemetry's.</param>
internal sealed record OtelSettings(string EndpointAddress, bool IsSecure, bool Http, string? Headers, TimeSpan? Timeout);

/// <summary>An entry of spec.api: an API such as version v1.0, name state; protocol http, grpc, or null for both.</summary>
internal sealed record ApiRule(string Name, string Version, string? Protocol);

/// <summary>spec.nameResolution.</summary>
internal sealed record NameResolutionSettings(string Component, string Version, IReadOnlyDictionary<string, string> Configuration);

/// <summary>spec.workflow. A retention of null is that of <see cref="SidecarOptions.WorkflowRetention"/>; null for a limit means none.</summary>
internal sealed record WorkflowSettings(
    TimeSpan? RetainCompleted = null, TimeSpan? RetainFailed = null, TimeSpan? RetainTerminated = null, int? MaxConcurrentWorkflows = null,
    int? MaxConcurrentActivities = null);
