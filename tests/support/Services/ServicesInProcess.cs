using System.Globalization;
using Eventide.ChildProcesses;
using Eventide.ServiceDefaults;
using Eventide.Sidecar;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Eventide.TestSupport.Services;

/// <summary>
/// Services in this process, each behind a sidecar of the library, over one folder of data. Tests talk to their HTTP APIs and to the broker as anybody else does.
/// Dispose stops everything and removes the folder. One caller at a time.
/// </summary>
/// <param name="disorder">How the sidecars disturb deliveries; null: not at all.</param>
internal sealed class ServicesInProcess(DeliveryDisorder? disorder = null) : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(30);
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-services-").FullName;
    private readonly List<RunningService> _running = [];
    private SidecarHost _host = new(disorder: disorder);

    /// <summary>APP_API_TOKEN of the sidecars and of the services that are started afterwards; null: none.</summary>
    public string? AppToken { get; set; }

    /// <summary>DAPR_API_TOKEN of the sidecars and of the services that are started afterwards; null: none.</summary>
    public string? ApiToken { get; set; }

    /// <summary>Writes a component that all sidecars find which are started afterwards.</summary>
    public void WriteComponent(string name, string type, params (string Name, string Value)[] metadata) => WriteResource(name, $"""
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

    /// <summary>Writes any other resource.</summary>
    public void WriteResource(string name, string yaml) =>
        File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, "components")).FullName, $"{name}.yaml"), yaml);

    /// <summary>The embedded broker; what a handler refuses comes back after twenty milliseconds.</summary>
    public void WriteBroker() => WriteComponent("pubsub", "pubsub.sqlite", ("connectionString", "data/pubsub.db"), ("redeliverInterval", "20ms"));

    /// <summary>Starts a service behind its sidecar, with a store of its own when it has one; once more for one more replica.</summary>
    /// <param name="app">Its app id.</param>
    /// <param name="add">Its part of the host.</param>
    /// <param name="map">Its routes.</param>
    /// <param name="settings">Its configuration, which may also take the place of what it gets anyway.</param>
    public async Task<RunningService> StartAsync(
        string app, Action<WebApplicationBuilder> add, Action<WebApplication> map, IEnumerable<(string Key, string? Value)> settings, bool hasStore = true,
        AppProtocol protocol = AppProtocol.Http)
    {
        if (hasStore)
        {
            WriteComponent($"{app}-store", "state.sqlite", ("connectionString", "data/{appID}.db"));
        }

        var port = new FreePorts().Take();
        var sidecar = await StartSidecarAsync(app, port, protocol);
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(
        [
            KeyValuePair.Create("APP_PORT", (string?)port.ToString(CultureInfo.InvariantCulture)),
            KeyValuePair.Create("APP_API_TOKEN", AppToken),
            KeyValuePair.Create("DAPR_API_TOKEN", ApiToken),
            KeyValuePair.Create("DAPR_HTTP_ENDPOINT", (string?)sidecar.HttpEndpoint.ToString()),
            KeyValuePair.Create("DAPR_GRPC_ENDPOINT", (string?)sidecar.GrpcEndpoint.ToString()),
        ]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.AddServiceDefaults(app, hasStore);
        builder.Logging.ClearProviders();
        add(builder);
        var web = builder.Build();
        web.MapServiceDefaults();
        map(web);
        await web.StartAsync(TestContext.Current.CancellationToken);
        await sidecar.Ready.WaitAsync(StartPatience, TestContext.Current.CancellationToken);
        var running = new RunningService(app, web, sidecar, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") });
        _running.Add(running);
        return running;
    }

    /// <summary>Starts a sidecar, of an app that only calls when it has no port.</summary>
    public Task<SidecarInstance> StartSidecarAsync(string app, int? appPort, AppProtocol protocol = AppProtocol.Http) => _host.StartAsync(
        new SidecarOptions
        {
            AppId = app,
            AppPort = appPort,
            AppProtocol = protocol,
            AppApiToken = AppToken,
            ApiToken = ApiToken,
            HttpPort = 0,
            GrpcPort = 0,
            WorkingDirectory = _folder,
            ResourcesPaths = [Path.Combine(_folder, "components")],
        },
        TestContext.Current.CancellationToken);

    /// <summary>A part of the first replica of a service that runs.</summary>
    public T Of<T>(string app) where T : notnull => (T)_running.First(service => service.App == app).Web.Services.GetService(typeof(T))!;

    /// <summary>Ends every sidecar: the services go on, and reach nothing any more.</summary>
    public ValueTask StopSidecarsAsync() => _host.DisposeAsync();

    /// <summary>Ends every service and sidecar; what is started afterwards finds the same data.</summary>
    public async Task StopAsync()
    {
        foreach (var service in _running)
        {
            await service.Web.StopAsync(TestContext.Current.CancellationToken);
        }

        await _host.DisposeAsync();
        foreach (var service in _running)
        {
            await service.Web.DisposeAsync();
            service.Client.Dispose();
        }

        _running.Clear();
        _host = new SidecarHost(disorder: disorder);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>A service that runs, with a client of its HTTP API.</summary>
internal sealed record RunningService(string App, WebApplication Web, SidecarInstance Sidecar, HttpClient Client);
