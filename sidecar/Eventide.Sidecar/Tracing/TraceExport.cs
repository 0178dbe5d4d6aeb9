using Eventide.Sidecar.Configuration;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Eventide.Sidecar.Tracing;

/// <summary>Exports one sidecar's spans over OTLP. The configuration wins over OTEL_EXPORTER_OTLP_ENDPOINT and its like, which OpenTelemetry reads itself.</summary>
internal static class TraceExport
{
    private static readonly string[] Variables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"];

    /// <summary>Null when nothing says where spans go, or when the sampling rate is 0. Disposing the provider sends what is left.</summary>
    public static TracerProvider? Create(string source, SidecarOptions options, TracingSettings settings)
    {
        var inEnvironment = Array.Exists(Variables, name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });
        var rate = settings.SamplingRate ?? 1;
        if (rate <= 0 || (settings.Otel is null && !inEnvironment))
        {
            return null;
        }

        // An app and its sidecar have the same service name, as with Dapr; the role tells them apart.
        var resource = ResourceBuilder.CreateDefault().AddService(options.ServiceName ?? options.AppId)
            .AddAttributes([new("eventide.role", "sidecar"), new("dapr.app_id", options.AppId)]);
        return Sdk.CreateTracerProviderBuilder()
            .AddSource(source)
            .SetResourceBuilder(resource)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(rate)))
            .AddOtlpExporter(exporter => Configure(exporter, settings.Otel))
            .Build();
    }

    private static void Configure(OtlpExporterOptions exporter, OtelSettings? settings)
    {
        if (settings is null)
        {
            return;
        }

        var scheme = settings.IsSecure ? Uri.UriSchemeHttps : Uri.UriSchemeHttp;
        exporter.Protocol = settings.Http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
        exporter.Endpoint = new Uri($"{scheme}://{settings.EndpointAddress}{(settings.Http ? "/v1/traces" : "")}");
        if (settings.Headers is { } headers)
        {
            exporter.Headers = headers;
        }

        if (settings.Timeout is { } timeout)
        {
            exporter.TimeoutMilliseconds = (int)timeout.TotalMilliseconds;
        }
    }
}
