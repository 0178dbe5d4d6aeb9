using Dapr.Client;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace Eventide.ServiceDefaults;

/// <summary>What every service has, written once.</summary>
public static class ServiceDefaults
{
    /// <summary>Adds the Dapr client, state and messaging, problem details, and telemetry (exported when OTEL_EXPORTER_OTLP_ENDPOINT is set).</summary>
    /// <param name="app">The app id; also the name of its store, "{app}-store".</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string app)
    {
        builder.Services.AddSingleton(new ServiceIdentity(app));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddDaprClient();
        builder.Services.AddSingleton<DocumentStore>();
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddSingleton<EventDispatcher>();
        builder.Services.AddSingleton<FailedDeliveries>();
        builder.Services.AddProblemDetails();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.RespectRequiredConstructorParameters = true);
        if (builder.Configuration["APP_PORT"] is { Length: > 0 } port)
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = 256 * 1024);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            builder.Services.AddOpenTelemetry().UseOtlpExporter()
                .WithTracing(traces => traces.AddSource("Dapr.Workflow", EventDispatcher.Source.Name).AddAspNetCoreInstrumentation().AddHttpClientInstrumentation())
                .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddMeter("Eventide.*"))
                .WithLogging();
        }

        return builder;
    }

    /// <summary>Maps health and what is noted on failed deliveries, and turns failures into problem details (RFC 9457).</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.MapGet("/livez", () => Results.Ok());

        // The sidecar pauses delivery while this fails, so messages wait at the broker instead of ending as dead letters while the store is away.
        app.MapGet("/healthz", async (DocumentStore store, CancellationToken token) =>
            await store.IsReachableAsync(token) ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable));
        app.MapGet("/failed-deliveries/{eventId}", async (string eventId, FailedDeliveries failures, CancellationToken token) =>
            await failures.FindAsync(eventId, token) is { } note
                ? Results.Ok(note)
                : Results.Problem(statusCode: StatusCodes.Status404NotFound, title: $"No failure of event {eventId} is noted."));
        return app;
    }
}

/// <summary>Which service this is.</summary>
public sealed record ServiceIdentity(string AppId)
{
    /// <summary>The service's own state component.</summary>
    public string Store => $"{AppId}-store";
}
