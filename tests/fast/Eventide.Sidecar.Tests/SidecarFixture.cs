using Dapr.Client;
using Eventide.Sidecar;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Tests;

/// <summary>Sidecars and apps in this process, with a folder of their own for components and data. Everything is gone when it is disposed.</summary>
public sealed class SidecarFixture : IAsyncDisposable
{
    private readonly List<WebApplication> _apps = [];
    private SidecarHost? _host;

    public string Folder { get; } = Directory.CreateTempSubdirectory("eventide-").FullName;

    public SidecarHost Host => _host ??= new SidecarHost();

    /// <summary>Writes a component file.</summary>
    public SidecarFixture With(string file, string yaml)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "components"));
        File.WriteAllText(Path.Combine(Folder, "components", file), yaml);
        return this;
    }

    /// <summary>The embedded store, also for workflows.</summary>
    public SidecarFixture WithStore() => With("store.yaml",
        """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: store
        spec:
          type: state.sqlite
          version: v1
          metadata:
            - name: connectionString
              value: data/{appID}.db
            - name: actorStateStore
              value: "true"
        """);

    /// <summary>The embedded store, also for workflows, and broker, which most tests need.</summary>
    public SidecarFixture WithEmbeddedComponents() => WithStore().With("pubsub.yaml",
        """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: pubsub
        spec:
          type: pubsub.sqlite
          version: v1
          metadata:
            - name: connectionString
              value: data/pubsub.db
            - name: redeliverInterval
              value: 20ms
        """);

    public Task<SidecarInstance> StartSidecarAsync(string appId = "app", int? appPort = null, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var options = new SidecarOptions
        {
            AppId = appId,
            AppPort = appPort,
            HttpPort = 0,
            GrpcPort = 0,
            WorkingDirectory = Folder,
            ResourcesPaths = [Path.Combine(Folder, "components")],
        };
        return Host.StartAsync(configure?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }

    /// <summary>Starts an app on a free port.</summary>
    public async Task<(WebApplication App, int Port)> StartAppAsync(Action<WebApplicationBuilder> build, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        build(builder);
        var app = builder.Build();
        map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        _apps.Add(app);
        return (app, new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port);
    }

    public static DaprClient ClientOf(SidecarInstance sidecar) =>
        new DaprClientBuilder().UseHttpEndpoint(sidecar.HttpEndpoint.ToString()).UseGrpcEndpoint(sidecar.GrpcEndpoint.ToString()).Build();

    /// <summary>Ends all sidecars; the next one starts over the same files.</summary>
    public async Task RestartHostAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
            _host = null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RestartHostAsync();
        foreach (var app in _apps)
        {
            await app.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
