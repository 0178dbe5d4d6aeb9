using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Eventide.Contracts;
using Eventide.Fleet;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Sidecar;
using Eventide.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Fleet.Tests.Support;

/// <summary>
/// Telemetry and any number of replicas of fleet in this process, each behind a sidecar of the library, with an app that keeps the alerts. Dispose stops everything
/// and removes the folder.
/// </summary>
internal sealed class FleetShop : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-fleet-").FullName;
    private readonly List<WebApplication> _apps = [];
    private readonly SidecarHost _host;

    public FleetShop(DeliveryDisorder? disorder = null)
    {
        _host = new SidecarHost(disorder: disorder);
        Write("pubsub.yaml", "pubsub", "pubsub.sqlite", ("connectionString", "data/pubsub.db"), ("redeliverInterval", "20ms"));
        Write("fleet-store.yaml", "fleet-store", "state.sqlite", ("connectionString", "data/{appID}.db"));
        Alerts = new AlertLog();
    }

    public AlertLog Alerts { get; }

    public string TelemetryToken(string subject, string? scope = null) => DevelopmentSignIn.TokenFor(subject, TimeProvider.System.GetUtcNow().AddHours(1), scope);

    /// <summary>Starts telemetry; the client speaks as a gateway for all vehicles.</summary>
    public async Task<HttpClient> StartTelemetryAsync(params (string Key, string? Value)[] settings)
    {
        var (client, _) = await StartAsync("telemetry", hasStore: false, builder =>
        {
            builder.AddBearerSignIn();
            builder.AddTelemetryPorts();
            builder.Services.AddTelemetry(builder.Configuration);
        }, app => app.MapTelemetry(), [("SignIn:DevelopmentTokens", "true"), .. settings]);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", TelemetryToken("gateway-1", FleetScopes.ReportForAll));
        return client;
    }

    /// <summary>Starts one more replica of fleet.</summary>
    public Task<(HttpClient Client, WebApplication App)> StartFleetAsync(params (string Key, string? Value)[] settings) =>
        StartAsync("fleet", hasStore: true, builder => builder.Services.AddFleet(builder.Configuration), app =>
        {
            app.MapHttpSubscriptions();
            app.MapFleet();
        }, settings);

    /// <summary>Starts an app that keeps every alert.</summary>
    public Task StartAlertsAsync() => StartAsync("watcher", hasStore: false, builder => builder.Services.AddSingleton(Alerts).AddTopicObserver<AlertLog>(Topics.FleetAlerts), app => app.MapHttpSubscriptions());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var app in _apps)
        {
            await app.StopAsync();
        }

        await _host.DisposeAsync();
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task<(HttpClient Client, WebApplication App)> StartAsync(
        string app, bool hasStore, Action<WebApplicationBuilder> add, Action<WebApplication> map, params (string Key, string? Value)[] settings)
    {
        var port = FreePort();
        var sidecar = await _host.StartAsync(
            new SidecarOptions
            {
                AppId = app,
                AppPort = port,
                HttpPort = 0,
                GrpcPort = 0,
                WorkingDirectory = _folder,
                ResourcesPaths = [Path.Combine(_folder, "components")],
            },
            TestContext.Current.CancellationToken);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(
        [
            KeyValuePair.Create("APP_PORT", (string?)port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            KeyValuePair.Create("DAPR_HTTP_ENDPOINT", (string?)sidecar.HttpEndpoint.ToString()),
            KeyValuePair.Create("DAPR_GRPC_ENDPOINT", (string?)sidecar.GrpcEndpoint.ToString()),
            .. settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)),
        ]);
        builder.AddServiceDefaults(app, hasStore);
        builder.Logging.ClearProviders();
        add(builder);
        var web = builder.Build();
        web.MapServiceDefaults();
        map(web);
        await web.StartAsync(TestContext.Current.CancellationToken);
        await sidecar.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        _apps.Add(web);
        return (new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") }, web);
    }

    private void Write(string file, string name, string type, params (string Name, string Value)[] metadata) => File.WriteAllText(
        Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "components")).FullName, file), $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          metadata:
        {string.Join('\n', metadata.Select(setting => $"  - name: {setting.Name}\n    value: \"{setting.Value}\""))}
        """);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
