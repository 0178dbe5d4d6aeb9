using System.Net;
using System.Net.Sockets;
using Eventide.Sidecar.Api;
using Eventide.Sidecar.Api.Grpc;
using Eventide.Sidecar.Api.Http;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.BuildingBlocks;
using Eventide.Sidecar.BuildingBlocks.Invocation;
using Eventide.Sidecar.Configuration;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Metrics;
using Eventide.Sidecar.NameResolution;
using Eventide.Sidecar.Tracing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar;

/// <summary>One running sidecar: the building blocks, the two API surfaces, and the channel to one app. Made by <see cref="SidecarHost"/>.</summary>
public sealed partial class SidecarInstance : IAsyncDisposable
{
    private readonly SidecarHost _host;
    private readonly WebApplication _web;
    private readonly IBuildingBlock[] _blocks;
    private readonly AppHealth _appHealth;
    private readonly SidecarLife _life;
    private readonly ILogger<SidecarInstance> _log;
    private readonly SidecarTracing _tracing;
    private readonly NameDirectory _names;
    private readonly CancellationTokenSource _stopping = new();
    private Task _watching = Task.CompletedTask;
    private int _disposed;

    internal SidecarInstance(SidecarHost host, SidecarOptions options)
    {
        _host = host;
        Options = options;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "sidecar", ContentRootPath = AppContext.BaseDirectory });
        builder.Services.AddSingleton(options.Loggers ?? host.Loggers);
        builder.Services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = options.GracefulShutdown);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(Listen);
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc(grpc =>
        {
            grpc.MaxReceiveMessageSize = options.MaxBodySize is > 0 and < int.MaxValue ? (int)options.MaxBodySize : null;
            grpc.MaxSendMessageSize = null;
            grpc.IgnoreUnknownServices = true;
            grpc.Interceptors.Add<GrpcErrors>();
        });
        builder.Services.AddBuildingBlocks(host, options);
        _web = builder.Build();
        _blocks = [.. _web.Services.GetServices<IBuildingBlock>()];
        _appHealth = _web.Services.GetRequiredService<AppHealth>();
        _life = _web.Services.GetRequiredService<SidecarLife>();
        _names = _web.Services.GetRequiredService<NameDirectory>();
        _log = _web.Services.GetRequiredService<ILogger<SidecarInstance>>();
        _tracing = _web.Services.GetRequiredService<SidecarTracing>();
        App = _web.Services.GetRequiredService<AppChannel.AppChannel>();
    }

    /// <summary>The Dapr version whose behaviour it follows, as /v1.0/metadata reports it.</summary>
    public static string Version => SidecarLife.Version;

    /// <summary>What it was started with.</summary>
    public SidecarOptions Options { get; }

    /// <summary>Where the HTTP API listens.</summary>
    public Uri HttpEndpoint { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Where the gRPC API listens.</summary>
    public Uri GrpcEndpoint { get; private set; } = new("http://127.0.0.1:0");

    /// <summary>Where sidecars of other processes call it; null when they cannot.</summary>
    public Uri? InternalEndpoint { get; private set; }

    /// <summary>Where Prometheus finds the metrics; null when none are served.</summary>
    public Uri? MetricsEndpoint { get; private set; }

    /// <summary>Completes when the app is reachable and healthy and every subscription has started (GET /v1.0/healthz answers 204).</summary>
    public Task Ready => _appHealth.Ready;

    /// <summary>Completes when somebody asked for a stop with POST /v1.0/shutdown.</summary>
    public Task ShutdownRequested => _life.ShutdownRequested;

    internal AppChannel.AppChannel App { get; }

    /// <summary>Whether calls and messages go to the app now.</summary>
    public bool IsAppHealthy => _appHealth.IsHealthy;

    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var warning in _web.Services.GetRequiredService<SidecarConfiguration>().Warnings)
        {
            IneffectiveSetting(warning);
        }

        _tracing.Start();
        _names.Open();
        foreach (var block in _blocks)
        {
            await block.InitializeAsync(cancellationToken);
        }

        var metrics = _web.Services.GetRequiredService<SidecarMetrics>();
        _web.Use((context, next) => metrics.CountAsync(context, MetricsEndpoint?.Port, _ => next(context)));
        _web.Use((context, next) => ApiErrors.Render(context, _ => next(context)));
        _web.Use((context, next) => metrics.CountErrorsAsync(context, _ => next(context)));
        _web.Use((context, next) => _tracing.TraceAsync(context, _ => next(context)));
        _web.Use((context, next) => InternalCalls.AdmitAsync(context, InternalEndpoint?.Port, _ => next(context)));
        _web.Use((context, next) => _web.Services.GetRequiredService<ApiAccess>().AdmitAsync(context, _ => next(context)));
        var requireToken = ApiToken.Require(Options.ApiToken);
        _web.Use((context, next) => InternalCalls.Is(context) ? next(context) : requireToken(context, _ => next(context)));
        _web.UseRouting();
        foreach (var routes in _web.Services.GetServices<IHttpRoutes>())
        {
            routes.Map(_web);
        }

        _web.MapGrpcService<DaprGrpcService>();
        foreach (var service in _web.Services.GetServices<IGrpcServices>())
        {
            service.Map(_web);
        }

        try
        {
            await _web.StartAsync(cancellationToken);
        }
        catch (IOException failure) when (failure.InnerException is SocketException or null or Microsoft.AspNetCore.Connections.AddressInUseException)
        {
            throw new SidecarStartException(
                $"The sidecar of {Options.AppId} cannot listen: {failure.Message} Choose another --dapr-http-port, --dapr-grpc-port or --metrics-port, or stop what uses it.", failure);
        }

        var addresses = _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        (HttpEndpoint, GrpcEndpoint) = (new Uri(addresses[0]), new Uri(addresses[1]));
        if (Options.InternalGrpcPort is not null)
        {
            InternalEndpoint = new Uri(addresses[2]);
            await _names.Resolver!.RegisterAsync(InternalEndpoint.Authority, cancellationToken);
        }

        if (metrics.IsEnabled)
        {
            MetricsEndpoint = new Uri(addresses[^1]);
        }

        _life.OutboundReady = true;
        _watching = Task.Run(() => _appHealth.RunAsync(_stopping.Token), CancellationToken.None);
    }

    /// <summary>
    /// Sends the app no more messages, nor calls from the other sidecars of the host, and returns when the messages that it has in hand have ended, at most after
    /// <see cref="SidecarOptions.GracefulShutdown"/>. What the app itself asks is still served. For good: dispose it afterwards.
    /// </summary>
    public async Task DrainAsync()
    {
        _host.Remove(this);
        await _stopping.CancelAsync();
        await _watching;
    }

    /// <summary>Stops delivery, drains, closes components and ports within <see cref="SidecarOptions.GracefulShutdown"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _names.DisposeAsync();
        await DrainAsync();
        using var limit = new CancellationTokenSource(Options.GracefulShutdown);
        foreach (var block in _blocks.Reverse())
        {
            await block.StopAsync(limit.Token);
        }

        await _web.StopAsync(limit.Token);
        await _web.DisposeAsync();
        _stopping.Dispose();
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        var address = IPAddress.Parse(Options.ListenAddress);
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = Options.MaxBodySize <= 0 ? null : Options.MaxBodySize;
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        kestrel.Limits.Http2.MaxStreamsPerConnection = 1000;
        kestrel.Limits.Http2.InitialConnectionWindowSize = 4 * 1024 * 1024;
        kestrel.Limits.Http2.InitialStreamWindowSize = 1024 * 1024;
        kestrel.Listen(address, Options.HttpPort, listen => listen.Protocols = HttpProtocols.Http1);
        kestrel.Listen(address, Options.GrpcPort, listen => listen.Protocols = HttpProtocols.Http2);
        if (Options.InternalGrpcPort is { } port)
        {
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2);
        }

        if (kestrel.ApplicationServices.GetRequiredService<SidecarMetrics>().IsEnabled)
        {
            kestrel.Listen(address, Options.MetricsPort!.Value, listen => listen.Protocols = HttpProtocols.Http1);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private partial void IneffectiveSetting(string warning);
}
