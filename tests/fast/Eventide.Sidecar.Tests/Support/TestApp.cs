using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>An app behind a sidecar, on a free port of this process.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly WebApplication _web;

    private TestApp(WebApplication web, AppProtocol protocol)
    {
        _web = web;
        Protocol = protocol;
        Port = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Port;
    }

    public int Port { get; }

    public AppProtocol Protocol { get; }

    public static Task<TestApp> HttpAsync(Action<WebApplication> map, int port = 0) => StartAsync(AppProtocol.Http, _ => { }, map, port);

    public static Task<TestApp> GrpcAsync<TService>(TService service) where TService : class =>
        StartAsync(AppProtocol.Grpc, services => services.AddSingleton(service).AddGrpc(), web => web.MapGrpcService<TService>());

    public static Task<TestApp> GrpcAsync<TFirst, TSecond>(TFirst first, TSecond second) where TFirst : class where TSecond : class => StartAsync(
        AppProtocol.Grpc,
        services => services.AddSingleton(first).AddSingleton(second).AddGrpc(),
        web =>
        {
            web.MapGrpcService<TFirst>();
            web.MapGrpcService<TSecond>();
        });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _web.DisposeAsync();

    private static async Task<TestApp> StartAsync(AppProtocol protocol, Action<IServiceCollection> configure, Action<WebApplication> map, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        configure(builder.Services);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            IPAddress.Loopback, port, listen => listen.Protocols = protocol == AppProtocol.Grpc ? HttpProtocols.Http2 : HttpProtocols.Http1));
        var web = builder.Build();
        map(web);
        await web.StartAsync(TestContext.Current.CancellationToken);
        return new TestApp(web, protocol);
    }
}
