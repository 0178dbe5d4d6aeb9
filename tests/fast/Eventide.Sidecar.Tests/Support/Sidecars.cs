using Dapr.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>
/// Sidecars of one test: a folder of resource files, the sidecars, and the apps. Tests talk to the addresses, as a service does. The sidecars run in this
/// process, or are processes of the executable that SIDECAR names. Dispose stops everything and removes the folder.
/// </summary>
internal sealed class Sidecars : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly List<ISidecarUnderTest> _running = [];
    private readonly SidecarHost _host;
    private ControlPlane? _controlPlane;

    public Sidecars(TimeProvider? time = null, DeliveryDisorder? disorder = null)
    {
        Target.NeedsConformance();
        if (time is not null || disorder is not null)
        {
            Target.NeedsOwnHost();
        }

        Folder = Directory.CreateTempSubdirectory("eventide-test-").FullName;
        Directory.CreateDirectory(Resources);
        _host = new SidecarHost(time, disorder: disorder);
    }

    /// <summary>Relative paths in resource files start here.</summary>
    public string Folder { get; }

    /// <summary>The host of the sidecars in this process; a test that asks for it is skipped when they are not.</summary>
    public SidecarHost Host
    {
        get
        {
            Target.NeedsOwnHost();
            return _host;
        }
    }

    /// <summary>The sidecars that were started and not stopped together, in the order of their start.</summary>
    public IReadOnlyList<ISidecarUnderTest> Running => _running;

    private string Resources => Path.Combine(Folder, "resources");

    /// <summary>Adds a resource file.</summary>
    public Sidecars Resource(string file, string yaml)
    {
        File.WriteAllText(Path.Combine(Resources, file), yaml);
        return this;
    }

    /// <summary>
    /// Adds a component file named like the component. daprd knows no pubsub.sqlite and gets pubsub.in-memory, with what both understand.
    /// </summary>
    public Sidecars Component(string name, string type, params ReadOnlySpan<(string Name, string Value)> metadata) => Component(name, type, "v1", metadata);

    /// <summary>Adds a component file of that version of its type.</summary>
    public Sidecars Component(string name, string type, string version, params ReadOnlySpan<(string Name, string Value)> metadata)
    {
        var isReplaced = Target.IsProcess && type == "pubsub.sqlite";
        var settings = "";
        foreach (var (setting, value) in metadata)
        {
            if (!isReplaced || setting is "publishingScopes" or "subscriptionScopes" or "allowedTopics" or "protectedTopics")
            {
                settings += $"\n  - name: {setting}\n    value: \"{value}\"";
            }
        }

        return Resource($"{name}.yaml", $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: {name}
            spec:
              type: {(isReplaced ? "pubsub.in-memory" : type)}
              version: {version}
              metadata: {(settings.Length == 0 ? "[]" : settings)}
            """);
    }

    /// <summary>Adds a durable store, also for workflows.</summary>
    public Sidecars WithStore() => Component("store", "state.sqlite", ("connectionString", "data/{appID}.db"), ("actorStateStore", "true"));

    /// <summary>Adds a durable broker that brings a refused message again at once.</summary>
    public Sidecars WithBroker() => Component("pubsub", "pubsub.sqlite", ("connectionString", "data/pubsub.db"), ("redeliverInterval", "20ms"));

    /// <summary>Adds a durable store and all that workflows need; without it the test is skipped.</summary>
    public Sidecars WithWorkflows()
    {
        Target.NeedsWorkflows();
        _controlPlane = ControlPlane.Start(Folder);
        return WithStore();
    }

    /// <summary>Starts a sidecar on free ports; its API listens, its app may still be on the way.</summary>
    public async Task<ISidecarUnderTest> StartAsync(string appId = "app", TestApp? app = null, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var options = Options(appId, app, configure);
        ISidecarUnderTest sidecar = Target.Executable is { } executable
            ? await StartProcessAsync(executable, options)
            : new InProcessSidecar(await _host.StartAsync(options, TestContext.Current.CancellationToken));
        _running.Add(sidecar);
        return sidecar;
    }

    /// <summary>Starts a sidecar as a process of its own, to be killed, and waits until messages and calls reach its app.</summary>
    public async Task<DaprdProcess> StartReadyProcessAsync(
        string executable, string appId = "app", TestApp? app = null, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var sidecar = await StartProcessAsync(executable, Options(appId, app, configure));
        _running.Add(sidecar);
        await sidecar.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return sidecar;
    }

    /// <summary>Starts a sidecar and waits until messages and calls reach its app.</summary>
    public async Task<ISidecarUnderTest> StartReadyAsync(string appId = "app", TestApp? app = null, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var sidecar = await StartAsync(appId, app, configure);
        await sidecar.Ready.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        return sidecar;
    }

    /// <summary>Stops all sidecars; the next one starts over the same files.</summary>
    public async Task StopAsync()
    {
        foreach (var sidecar in _running)
        {
            await sidecar.DisposeAsync();
        }

        _running.Clear();
    }

    /// <summary>An app that is stopped with the test.</summary>
    public async Task<TestApp> AppAsync(Task<TestApp> starting)
    {
        var app = await starting;
        _owned.Add(app);
        return app;
    }

    /// <summary>Starts an app that only calls its sidecar; it is stopped with the test.</summary>
    public async Task<WebApplication> ClientAppAsync(Action<WebApplicationBuilder> build)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        build(builder);
        var app = builder.Build();
        _owned.Add(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    /// <summary>The official client, at a sidecar's addresses.</summary>
    public DaprClient Client(ISidecarUnderTest sidecar, string? apiToken = null) => new DaprClientBuilder()
        .UseHttpEndpoint(sidecar.HttpEndpoint.ToString())
        .UseGrpcEndpoint(sidecar.GrpcEndpoint.ToString())
        .UseDaprApiToken(apiToken)
        .Build();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _host.DisposeAsync();
        foreach (var owned in _owned)
        {
            await owned.DisposeAsync();
        }

        if (_controlPlane is not null)
        {
            await _controlPlane.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private SidecarOptions Options(string appId, TestApp? app, Func<SidecarOptions, SidecarOptions>? configure)
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
        return configure?.Invoke(options) ?? options;
    }

    private async Task<DaprdProcess> StartProcessAsync(string executable, SidecarOptions options)
    {
        // Sidecars of one test find each other, and never those of another test. daprd does not make the folders of SQLite files.
        var names = Path.Combine(Folder, "names.yaml");
        Directory.CreateDirectory(Path.Combine(Folder, "data"));
        await File.WriteAllTextAsync(names, $"""
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: names
            spec:
              nameResolution:
                component: sqlite
                version: v1
                configuration:
                  connectionString: {Path.Combine(Folder, "names.db")}
            """, TestContext.Current.CancellationToken);
        return await DaprdProcess.StartAsync(
            executable, options with { ConfigPaths = [names, .. options.ConfigPaths] }, _controlPlane?.Flags ?? [], TestContext.Current.CancellationToken);
    }
}
