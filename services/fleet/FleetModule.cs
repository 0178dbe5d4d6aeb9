using Eventide.Contracts;
using Eventide.Fleet.Api;
using Eventide.Fleet.Domain;
using Eventide.Fleet.Messages;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Fleet;

/// <summary>Where every vehicle is, how its trips went, and what somebody should know about it. Right at any number of replicas.</summary>
public static class FleetModule
{
    public static IServiceCollection AddFleet(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<FleetOptions>().Bind(configuration.GetSection("Fleet"));
        return services
            .AddSingleton<Vehicles>()
            .AddSingleton<VehicleIndex>()
            .AddSingleton<SilenceWatch>()
            .AddHostedService<SilenceWatchService>()
            .AddBulkEventHandler<ReadingsReceived, ApplyReadings>(largest: 200);
    }

    public static WebApplication MapFleet(this WebApplication app)
    {
        app.MapVehicles();
        return app;
    }
}
