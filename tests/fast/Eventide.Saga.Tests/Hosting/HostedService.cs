using Eventide.Saga.Tests.Faults;
using Eventide.Sidecar;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Eventide.Saga.Tests.Hosting;

/// <summary>One service and its sidecar in this process. Each can be stopped and started alone, over the same data and ports.</summary>
internal sealed class HostedService(Module module, SidecarHost sidecars, string folder, FaultBoard board, IReadOnlyDictionary<string, string?> settings, int appPort)
    : IAsyncDisposable
{
    private SidecarInstance? _sidecar;
    private WebApplication? _app;
    private (int Http, int Grpc) _ports;

    public string App => module.App;

    public Uri Address { get; } = new($"http://127.0.0.1:{appPort}");

    public IServiceProvider Services => _app!.Services;

    /// <summary>Starts both; returns when messages reach the service.</summary>
    public async Task StartAsync()
    {
        await StartSidecarAsync();
        await StartAppAsync();
        await _sidecar!.Ready.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Ends the service as a crash does: what is in hand is cut off.</summary>
    public async Task StopAppAsync()
    {
        if (_app is null)
        {
            return;
        }

        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    public async Task StartAppAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["APP_PORT"] = appPort.ToString(),
            ["DAPR_HTTP_ENDPOINT"] = $"http://127.0.0.1:{_ports.Http}",
            ["DAPR_GRPC_ENDPOINT"] = $"http://127.0.0.1:{_ports.Grpc}",
        });
        builder.Logging.ClearProviders();
        _app = module.Build(builder, changed => changed.Services.AddSeams(board));
        await _app.StartAsync();
    }

    public async Task StopSidecarAsync() => await _sidecar!.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAppAsync();
        if (_sidecar is not null)
        {
            await _sidecar.DisposeAsync();
        }
    }

    public async Task StartSidecarAsync()
    {
        _sidecar = await sidecars.StartAsync(new SidecarOptions
        {
            AppId = module.App,
            AppPort = appPort,
            AppProtocol = module.Protocol,
            HttpPort = _ports.Http,
            GrpcPort = _ports.Grpc,
            WorkingDirectory = folder,
            ResourcesPaths = [Path.Combine(folder, "components")],
            AppHealthCheck = true,
            AppHealthProbeInterval = TimeSpan.FromMilliseconds(250),
            AppHealthProbeTimeout = TimeSpan.FromSeconds(5),
            GracefulShutdown = TimeSpan.FromSeconds(1),
        });
        _ports = (_sidecar.HttpEndpoint.Port, _sidecar.GrpcEndpoint.Port);
    }
}
