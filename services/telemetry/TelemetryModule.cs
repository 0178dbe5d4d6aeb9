using System.Net;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Telemetry.Api;
using Eventide.Telemetry.Domain;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Eventide.Telemetry;

/// <summary>The way in for vehicles: what they say is checked and put into the broker. Nothing is kept here, so any replica takes any vehicle.</summary>
public static class TelemetryModule
{
    public static IServiceCollection AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<TelemetryOptions>().Bind(configuration.GetSection("Telemetry"));
        services.AddGrpc();
        return services.AddSingleton<ReadingRules>().AddSingleton<VehicleLimits>().AddSingleton<Intake>();
    }

    /// <summary>Listens for vehicles that speak gRPC, when Telemetry:GrpcPort says where.</summary>
    public static WebApplicationBuilder AddTelemetryPorts(this WebApplicationBuilder builder)
    {
        var (http, grpc) = (builder.Configuration.GetValue<int?>("APP_PORT"), builder.Configuration.GetValue<int?>("Telemetry:GrpcPort"));
        if (http is { } httpPort && grpc is { } grpcPort)
        {
            builder.WebHost.UseSetting(WebHostDefaults.ServerUrlsKey, "");
            builder.WebHost.ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, httpPort, listen => listen.Protocols = HttpProtocols.Http1);
                kestrel.ListenAnyIP(grpcPort, listen => listen.Protocols = HttpProtocols.Http2);
            });
        }

        return builder;
    }

    public static WebApplication MapTelemetry(this WebApplication app)
    {
        app.MapReadings();
        app.MapStream();
        app.MapGrpcService<TelemetryGrpc>().RequireSignIn();
        return app;
    }
}
