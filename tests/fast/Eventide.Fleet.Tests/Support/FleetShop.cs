using System.Net.Http.Headers;
using System.Text.Json;
using Dapr.Client;
using Eventide.Contracts;
using Eventide.Fleet;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Sidecar;
using Eventide.Telemetry;
using Eventide.TestSupport.Services;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Fleet.Tests.Support;

/// <summary>Telemetry and any number of replicas of fleet in this process, each behind a sidecar of the library, with an app that keeps the alerts.</summary>
internal sealed class FleetShop : IAsyncDisposable
{
    private readonly ServicesInProcess _services;
    private SidecarInstance? _publisher;

    public FleetShop(DeliveryDisorder? disorder = null)
    {
        _services = new ServicesInProcess(disorder);
        _services.WriteBroker();
    }

    /// <inheritdoc cref="ServicesInProcess.AppToken"/>
    public string? AppToken
    {
        get => _services.AppToken;
        init => _services.AppToken = value;
    }

    public AlertLog Alerts { get; } = new();

    public string TelemetryToken(string subject, string? scope = null) => DevelopmentSignIn.TokenFor(subject, TimeProvider.System.GetUtcNow().AddHours(1), scope);

    /// <summary>Starts telemetry; the client speaks as a gateway for all vehicles.</summary>
    public async Task<HttpClient> StartTelemetryAsync(params (string Key, string? Value)[] settings)
    {
        var telemetry = await _services.StartAsync("telemetry", builder =>
        {
            builder.AddBearerSignIn();
            builder.AddTelemetryPorts();
            builder.Services.AddTelemetry(builder.Configuration);
        }, app => app.MapTelemetry(), [("SignIn:DevelopmentTokens", "true"), .. settings], hasStore: false);
        telemetry.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TelemetryToken("gateway-1", FleetScopes.ReportForAll));
        return telemetry.Client;
    }

    /// <summary>Starts one more replica of fleet.</summary>
    public async Task<HttpClient> StartFleetAsync(params (string Key, string? Value)[] settings) => (await StartReplicaAsync(settings)).Client;

    /// <summary>Starts one more replica of fleet, to be used from within.</summary>
    public async Task<IServiceProvider> StartFleetServicesAsync() => (await StartReplicaAsync([])).Web.Services;

    /// <summary>Puts a CloudEvent on the topic of readings as it is.</summary>
    public async Task PublishAsync(string id, object data)
    {
        _publisher ??= await _services.StartSidecarAsync("publisher", appPort: null);
        using var dapr = new DaprClientBuilder().UseHttpEndpoint(_publisher.HttpEndpoint.ToString()).UseGrpcEndpoint(_publisher.GrpcEndpoint.ToString()).Build();
        var envelope = JsonSerializer.SerializeToUtf8Bytes(new { specversion = "1.0", id, source = "test", type = ReadingsReceived.Type, data }, JsonSerializerOptions.Web);
        await dapr.PublishByteEventAsync(
            Topics.PubSub, Topics.Telemetry, envelope, "application/cloudevents+json", new Dictionary<string, string> { ["partitionKey"] = id }, TestContext.Current.CancellationToken);
    }

    /// <summary>Starts an app that keeps every alert.</summary>
    public Task StartAlertsAsync() => _services.StartAsync(
        "watcher", builder => builder.Services.AddSingleton(Alerts).AddTopicObserver<AlertLog>(Topics.FleetAlerts), app => app.MapHttpSubscriptions(), [], hasStore: false);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private Task<RunningService> StartReplicaAsync((string Key, string? Value)[] settings) =>
        _services.StartAsync("fleet", builder => builder.Services.AddFleet(builder.Configuration), app =>
        {
            app.MapHttpSubscriptions();
            app.MapFleet();
        }, settings);
}
