using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Benchmarks.Peers;

/// <summary>An app that gives back what it gets, over HTTP and over gRPC.</summary>
internal static class EchoApp
{
    public const string Role = "serve-app";

    public static async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        await using var web = builder.Build();
        web.MapPost("/echo", context => context.Request.Body.CopyToAsync(context.Response.Body, context.RequestAborted));
        web.MapGrpcService<EchoService>();
        await web.StartAsync(cancellationToken);
        var ports = web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => new Uri(address).Port).ToArray();
        return await PeerRole.RunAsync(new AppAddresses(ports[0], ports[1]), cancellationToken);
    }

    private sealed class EchoService : Echo.EchoBase
    {
        public override Task<Payload> Say(Payload request, ServerCallContext context) => Task.FromResult(request);
    }
}

/// <summary>The ports of the app on 127.0.0.1.</summary>
internal sealed record AppAddresses(int Http, int Grpc);
