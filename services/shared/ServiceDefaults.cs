using System.Text.Json.Serialization;
using Eventide.ServiceDefaults.Health;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.Problems;
using Eventide.ServiceDefaults.SignIn;
using Eventide.ServiceDefaults.State;
using Eventide.ServiceDefaults.Telemetry;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
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
    private const long MaxRequestBytes = 256 * 1024;
    private const string LivePath = "/livez";
    private const string ReadyPath = "/healthz";

    /// <summary>Adds the Dapr client, state and messaging, problem details, and telemetry (exported when OTEL_EXPORTER_OTLP_ENDPOINT is set).</summary>
    /// <param name="app">The app id; also the name of its store, "{app}-store".</param>
    /// <param name="hasStore">False for a service that keeps nothing: its health then does not depend on a store.</param>
    public static WebApplicationBuilder AddServiceDefaults(this WebApplicationBuilder builder, string app, bool hasStore = true)
    {
        builder.Services.AddSingleton(new ServiceIdentity(app));
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.TryAddSingleton(Random.Shared);
        builder.Services.AddDaprClient(dapr =>
        {
            if (builder.Configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
            {
                dapr.UseGrpcChannelOptions(new GrpcChannelOptions { HttpHandler = new ApiTokenHandler(token), ThrowOperationCanceledOnCancellation = true });
            }
        });
        builder.Services.AddSingleton<IStateAccess, DaprState>();
        builder.Services.AddSingleton<DocumentStore>();
        builder.Services.AddSingleton<EventPublisher>();
        builder.Services.AddSingleton<IEventPublisher>(services => services.GetRequiredService<EventPublisher>());
        builder.Services.AddSingleton<BulkEventPublisher>();
        builder.Services.AddSingleton<EventDispatcher>();
        builder.Services.AddSingleton<FailedDeliveries>();
        builder.Services.AddSingleton<OwnDeadLetters>();
        builder.Services.AddSingleton<GrpcInvocation>();
        builder.AddSidecarSignIn();
        var health = builder.Services.AddHealthChecks();
        if (hasStore)
        {
            builder.Services.AddSingleton<StoreHealth>();
            health.AddCheck<StoreHealth>("store");
        }

        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = context => Problem.Explain(context.ProblemDetails, context.HttpContext));
        builder.Services.AddExceptionHandler<ProblemAnswers>();
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.RespectRequiredConstructorParameters = true;
            json.SerializerOptions.Converters.Add(new JsonStringEnumConverter());
        });
        if (builder.Configuration["APP_PORT"] is { Length: > 0 } port)
        {
            builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxRequestBytes);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("System.Net.Http", LogLevel.Warning).AddFilter("Grpc", LogLevel.Warning);
        if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
        {
            builder.Services.AddOpenTelemetry().UseOtlpExporter()
                .WithTracing(traces => traces.AddSource("Dapr.Workflow", "Eventide.*", GrpcCallNames.Source).AddProcessor<GrpcCallNames>()
                    .AddAspNetCoreInstrumentation(requests => requests.Filter = context => !IsProbe(context.Request.Path)).AddHttpClientInstrumentation())
                .WithMetrics(metrics => metrics.AddAspNetCoreInstrumentation().AddHttpClientInstrumentation().AddRuntimeInstrumentation().AddMeter("Eventide.*"))
                .WithLogging();
        }

        return builder;
    }

    /// <summary>Maps health and what is noted on failed deliveries, and turns failures into problem details (RFC 9457).</summary>
    public static WebApplication MapServiceDefaults(this WebApplication app)
    {
        app.UseExceptionHandler();
        app.UseStatusCodePages();

        // Left to itself, the host would put these first, and their answers would have no body.
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapHealthChecks(LivePath, new HealthCheckOptions { Predicate = _ => false });
        app.MapHealthChecks(ReadyPath);
        app.MapGet("/failed-deliveries/{eventId}", async (string eventId, FailedDeliveries failures, CancellationToken token) =>
            await failures.FindAsync(eventId, token) is { } note
                ? Results.Ok(note)
                : Problem.NotFound($"No failure of event {eventId} is noted.")).RequireSidecar();
        return app;
    }

    internal static bool IsProbe(PathString path) => path == LivePath || path == ReadyPath;
}

/// <summary>Which service this is.</summary>
public sealed record ServiceIdentity(string AppId)
{
    /// <summary>The service's own state component.</summary>
    public string Store => $"{AppId}-store";
}
