using System.Globalization;
using System.Net;
using Eventide.ServiceDefaults.SignIn;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>
/// The subscriptions of a service whose sidecar speaks gRPC to it, in place of <see cref="HttpSubscriptions"/>. The service then has two ports: APP_PORT for gRPC
/// (HTTP/2 in clear text), and HEALTH_PORT, when it is set, for the platform's health checks, which speak HTTP/1.1.
/// </summary>
public static class GrpcSubscriptions
{
    private const int MaxEventBytes = 5 * 1024 * 1024;
    private const int DefaultPort = 5000;

    /// <summary>Sets up gRPC and its ports.</summary>
    /// <exception cref="InvalidOperationException">HEALTH_PORT is not a port.</exception>
    public static WebApplicationBuilder AddGrpcSubscriptions(this WebApplicationBuilder builder)
    {
        // The sidecar's own limit is 4 MiB for the event; its envelope comes on top.
        builder.Services.AddGrpc(grpc => grpc.MaxReceiveMessageSize = MaxEventBytes);
        builder.Services.AddSingleton<GrpcAppCallback>();
        builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "");
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, Port(builder.Configuration, "APP_PORT") ?? DefaultPort, listen => listen.Protocols = HttpProtocols.Http2);
            if (Port(builder.Configuration, "HEALTH_PORT") is { } health)
            {
                // The platform asks from outside; nothing else is served there.
                kestrel.ListenAnyIP(health, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
        return builder;
    }

    /// <summary>
    /// Maps what the sidecar calls: one subscription per topic with a typed route per event type and a default route, messages, health; and the notes on failed
    /// deliveries.
    /// </summary>
    /// <exception cref="InvalidOperationException">A module observes whole topics: only HTTP brings it the whole envelope.</exception>
    public static void MapGrpcSubscriptions(this WebApplication app)
    {
        if (app.Services.GetRequiredService<EventDispatcher>().ObservedTopics is [var (topic, _), ..])
        {
            throw new InvalidOperationException($"Topic {topic} is observed whole, which needs the transport HTTP: use MapHttpSubscriptions in Program.cs.");
        }

        if (Port(app.Configuration, "HEALTH_PORT") is { } health)
        {
            app.Use((context, next) =>
            {
                if (context.Connection.LocalPort != health || ServiceDefaults.IsProbe(context.Request.Path))
                {
                    return next(context);
                }

                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            });
        }

        app.MapGrpcService<GrpcAppCallback>().WithMetadata(new EventSizeLimit());
        app.MapGrpcService<GrpcHealth>();
        app.MapGrpcService<GrpcFailedDeliveries>().RequireSidecar();
    }

    private static int? Port(IConfiguration configuration, string name) => configuration[name] is not { Length: > 0 } text ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= IPEndPoint.MaxPort ? port
        : throw new InvalidOperationException($"{name} is \"{text}\"; set it to a port number.");

    private sealed class EventSizeLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => MaxEventBytes;
    }
}
