using System.Net;
using System.Net.Sockets;
using Dapr.Client;
using Eventide.Basket;
using Eventide.Catalog;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Sidecar;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Eventide.Operations.Tests.Support;

/// <summary>
/// Services in this process, each behind a sidecar of the library, over one folder of data. Tests talk to their HTTP APIs and to the broker as anybody else does.
/// Dispose stops everything and removes the folder.
/// </summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly Dictionary<string, Running> _running = [];
    private SidecarHost _host = new();

    public Shop()
    {
        Folder = Directory.CreateTempSubdirectory("eventide-shop-").FullName;
        Write("pubsub.yaml", Component("pubsub", "pubsub.sqlite", ("connectionString", "data/pubsub.db"), ("redeliverInterval", "20ms")));
        Write("policies.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: delivery
            spec:
              policies:
                retries:
                  redeliver:
                    policy: constant
                    duration: 10ms
                    maxRetries: 2
              targets:
                components:
                  pubsub:
                    inbound:
                      retry: redeliver
            """);
    }

    /// <summary>APP_API_TOKEN of the sidecars and of the services; null: none.</summary>
    public string? AppToken { get; init; }

    /// <summary>DAPR_API_TOKEN of the sidecars and of the services; null: none.</summary>
    public string? ApiToken { get; init; }

    private string Folder { get; }

    /// <summary>Starts a service behind its sidecar; it may be called again after <see cref="StopAsync"/>.</summary>
    public Task<HttpClient> StartAsync(string app, Action<WebApplicationBuilder> add, Action<WebApplication> map, params (string Key, string? Value)[] settings) =>
        StartAsync(app, AppProtocol.Http, add, web =>
        {
            web.MapHttpSubscriptions();
            map(web);
        }, settings);

    /// <summary>The same for a service to which its sidecar speaks gRPC.</summary>
    public Task StartGrpcAsync(string app, Action<WebApplicationBuilder> add) =>
        StartAsync(app, AppProtocol.Grpc, builder => add(builder.AddGrpcSubscriptions()), web => web.MapGrpcSubscriptions());

    private async Task<HttpClient> StartAsync(
        string app, AppProtocol protocol, Action<WebApplicationBuilder> add, Action<WebApplication> map, params (string Key, string? Value)[] settings)
    {
        Write($"{app}-store.yaml", Component($"{app}-store", "state.sqlite", ("connectionString", "data/{appID}.db")));
        var port = FreePort();
        var sidecar = await StartSidecarAsync(app, port, protocol);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(
        [
            KeyValuePair.Create("APP_PORT", (string?)port.ToString(System.Globalization.CultureInfo.InvariantCulture)),
            KeyValuePair.Create("APP_API_TOKEN", AppToken),
            KeyValuePair.Create("DAPR_API_TOKEN", ApiToken),
            KeyValuePair.Create("DAPR_HTTP_ENDPOINT", (string?)sidecar.HttpEndpoint.ToString()),
            KeyValuePair.Create("DAPR_GRPC_ENDPOINT", (string?)sidecar.GrpcEndpoint.ToString()),
            .. settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)),
        ]);
        builder.AddServiceDefaults(app);
        builder.Logging.ClearProviders();
        add(builder);
        var web = builder.Build();
        web.MapServiceDefaults();
        map(web);
        await web.StartAsync(TestContext.Current.CancellationToken);
        await sidecar.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        _running[app] = new Running(web, sidecar);
        return new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    /// <summary>Operations as it is; the settings are its configuration.</summary>
    public Task<HttpClient> StartOperationsAsync(params (string Key, string? Value)[] settings) =>
        StartAsync("operations", builder => builder.Services.AddOperations(builder.Configuration), app => app.MapOperations(), settings);

    /// <summary>The catalog as it is.</summary>
    public Task<HttpClient> StartCatalogAsync() =>
        StartAsync("catalog", builder => builder.Services.AddCatalog(builder.Configuration), app => app.MapCatalog());

    /// <summary>Baskets as they are; customers sign in with tokens of a developer's tools.</summary>
    public Task<HttpClient> StartBasketAsync(params (string Key, string? Value)[] settings) => StartAsync(
        "basket", builder => builder.AddBearerSignIn().Services.AddBasket(builder.Configuration), app => app.MapBasket(),
        [("SignIn:DevelopmentTokens", "true"), .. settings]);

    /// <summary>A client of the broker and of nothing else, as a publisher has it.</summary>
    public async Task<Publisher> PublisherAsync()
    {
        var sidecar = await StartSidecarAsync("publisher", appPort: null);
        return new Publisher(Client(sidecar));
    }

    /// <summary>A part of a service that runs.</summary>
    public T Of<T>(string app) where T : notnull => (T)_running[app].Web.Services.GetService(typeof(T))!;

    /// <summary>Ends every service and sidecar; what is started afterwards finds the same data.</summary>
    public async Task StopAsync()
    {
        foreach (var (web, _) in _running.Values)
        {
            await web.StopAsync(TestContext.Current.CancellationToken);
        }

        await _host.DisposeAsync();
        foreach (var (web, _) in _running.Values)
        {
            await web.DisposeAsync();
        }

        _running.Clear();
        _host = new SidecarHost();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private Task<SidecarInstance> StartSidecarAsync(string app, int? appPort, AppProtocol protocol = AppProtocol.Http) => _host.StartAsync(
        new SidecarOptions
        {
            AppId = app,
            AppPort = appPort,
            AppProtocol = protocol,
            AppApiToken = AppToken,
            ApiToken = ApiToken,
            HttpPort = 0,
            GrpcPort = 0,
            WorkingDirectory = Folder,
            ResourcesPaths = [Path.Combine(Folder, "components")],
        },
        TestContext.Current.CancellationToken);

    private DaprClient Client(SidecarInstance sidecar) =>
        new DaprClientBuilder().UseHttpEndpoint(sidecar.HttpEndpoint.ToString()).UseGrpcEndpoint(sidecar.GrpcEndpoint.ToString()).UseDaprApiToken(ApiToken ?? "").Build();

    private void Write(string file, string yaml)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Folder, "components"));
        File.WriteAllText(Path.Combine(folder.FullName, file), yaml);
    }

    private static string Component(string name, string type, params (string Name, string Value)[] metadata) => $"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: {type}
          version: v1
          metadata:
        {string.Join('\n', metadata.Select(setting => $"  - name: {setting.Name}\n    value: \"{setting.Value}\""))}
        """;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed record Running(WebApplication Web, SidecarInstance Sidecar);
}
