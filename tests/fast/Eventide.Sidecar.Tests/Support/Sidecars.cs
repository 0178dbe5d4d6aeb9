using Dapr.Client;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>
/// Sidecars of one test: a folder of resource files, a host, and the apps. Tests talk to the addresses, as a service does. Dispose stops everything and
/// removes the folder.
/// </summary>
internal sealed class Sidecars : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];

    public Sidecars(TimeProvider? time = null, DeliveryDisorder? disorder = null)
    {
        Folder = Directory.CreateTempSubdirectory("eventide-test-").FullName;
        Directory.CreateDirectory(Resources);
        Host = new SidecarHost(time, disorder: disorder);
    }

    /// <summary>Relative paths in resource files start here.</summary>
    public string Folder { get; }

    public SidecarHost Host { get; }

    private string Resources => Path.Combine(Folder, "resources");

    /// <summary>Adds a resource file.</summary>
    public Sidecars Resource(string file, string yaml)
    {
        File.WriteAllText(Path.Combine(Resources, file), yaml);
        return this;
    }

    /// <summary>Adds a component file named like the component.</summary>
    public Sidecars Component(string name, string type, params ReadOnlySpan<(string Name, string Value)> metadata)
    {
        var settings = metadata.Length == 0 ? "  metadata: []" : "  metadata:";
        foreach (var (setting, value) in metadata)
        {
            settings += $"\n  - name: {setting}\n    value: \"{value}\"";
        }

        return Resource($"{name}.yaml", $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: {name}
            spec:
              type: {type}
              version: v1
            {settings}
            """);
    }

    /// <summary>Starts a sidecar on free ports; its API listens, its app may still be on the way.</summary>
    public Task<SidecarInstance> StartAsync(string appId, TestApp? app = null, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var options = new SidecarOptions
        {
            AppId = appId,
            AppPort = app?.Port,
            AppProtocol = app?.Protocol ?? AppProtocol.Http,
            HttpPort = 0,
            GrpcPort = 0,
            ResourcesPaths = [Resources],
            WorkingDirectory = Folder,
        };
        return Host.StartAsync(configure?.Invoke(options) ?? options, TestContext.Current.CancellationToken);
    }

    /// <summary>Starts a sidecar and waits until messages and calls reach its app.</summary>
    public async Task<SidecarInstance> StartReadyAsync(string appId, TestApp? app = null, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var sidecar = await StartAsync(appId, app, configure);
        await sidecar.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return sidecar;
    }

    /// <summary>An app that is stopped with the test.</summary>
    public async Task<TestApp> AppAsync(Task<TestApp> starting)
    {
        var app = await starting;
        _owned.Add(app);
        return app;
    }

    /// <summary>The official client, at a sidecar's addresses.</summary>
    public DaprClient Client(SidecarInstance sidecar) => new DaprClientBuilder()
        .UseHttpEndpoint(sidecar.HttpEndpoint.ToString())
        .UseGrpcEndpoint(sidecar.GrpcEndpoint.ToString())
        .Build();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Host.DisposeAsync();
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}
