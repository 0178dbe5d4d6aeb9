extern alias sidecar;
using Dapr.Workflow;
using Grpc.Net.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using sidecar::Eventide.Sidecar;
using TaskHubSidecarService = Eventide.Workflow.Protocol.TaskHubSidecarService;

namespace Eventide.Workflow.Tests.Support;

/// <summary>One app of workflows with a real sidecar and a durable store, all in this process. Sidecar and app can be stopped and started again over the same files.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-workflow-").FullName;
    private readonly Action<WorkflowRuntimeOptions> _register;
    private readonly LogRecorder _logs = new();
    private SidecarHost? _sidecars;
    private SidecarInstance? _sidecar;
    private int _port;

    private Shop(Action<WorkflowRuntimeOptions> register)
    {
        _register = register;
        Directory.CreateDirectory(Path.Combine(_folder, "components"));
        File.WriteAllText(Path.Combine(_folder, "components", "store.yaml"), """
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
    }

    public IHost? App { get; private set; }

    public DaprWorkflowClient Client => App!.Services.GetRequiredService<DaprWorkflowClient>();

    public static async Task<Shop> OpenAsync(Action<WorkflowRuntimeOptions> register)
    {
        var shop = new Shop(register);
        await shop.StartSidecarAsync();
        await shop.StartAppAsync();
        return shop;
    }

    public async Task StartSidecarAsync()
    {
        _sidecars = new SidecarHost();
        _sidecar = await _sidecars.StartAsync(
            new SidecarOptions { AppId = "app", HttpPort = 0, GrpcPort = _port, WorkingDirectory = _folder, ResourcesPaths = [Path.Combine(_folder, "components")] },
            TestContext.Current.CancellationToken);
        // A restarted sidecar is found where the first one was.
        _port = _sidecar.GrpcEndpoint.Port;
    }

    public async Task StopSidecarAsync()
    {
        await _sidecars!.DisposeAsync();
        _sidecars = null;
    }

    public async Task StartAppAsync()
    {
        App = Build();
        await App.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Another replica of the app, with a worker of its own.</summary>
    public IHost Build()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", _sidecar!.GrpcEndpoint.ToString())]);
        builder.Logging.SetMinimumLevel(LogLevel.Debug).AddProvider(_logs);
        builder.Services.AddDaprWorkflow(_register);
        return builder.Build();
    }

    public async Task StopAppAsync()
    {
        if (App is null)
            return;

        await App.StopAsync(TestContext.Current.CancellationToken);
        App.Dispose();
        App = null;
    }

    /// <summary>The protocol without a library, for a worker that misbehaves.</summary>
    public TaskHubSidecarService.TaskHubSidecarServiceClient Raw() => new(GrpcChannel.ForAddress(_sidecar!.GrpcEndpoint));

    public async Task<WorkflowState> CompletionAsync(string id) =>
        await Client.WaitForWorkflowCompletionAsync(id, cancellation: TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

    /// <summary>Waits until the app has logged something.</summary>
    public async Task LoggedAsync(string text)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (!_logs.Messages.Any(message => message.Contains(text, StringComparison.Ordinal)))
            await Task.Delay(5, limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAppAsync();
        if (_sidecars is not null)
            await _sidecars.DisposeAsync();

        Directory.Delete(_folder, recursive: true);
    }
}
