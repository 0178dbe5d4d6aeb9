using Eventide.Contracts;
using Eventide.Fleet.Domain;
using Eventide.ServiceDefaults.Problems;

namespace Eventide.Fleet.Api;

/// <summary>Questions about vehicles.</summary>
internal static class VehicleRoutes
{
    private const int MostAtOnce = 500;

    public static void MapVehicles(this WebApplication app)
    {
        app.MapGet("/vehicles/{id}", async (string id, Vehicles vehicles, CancellationToken token) =>
            await vehicles.FindAsync(id, token) is { } vehicle ? Results.Ok(VehicleView.Of(vehicle)) : Problem.NotFound($"Vehicle {id} has never been heard."));

        app.MapGet("/vehicles/{id}/trips", async (string id, Vehicles vehicles, CancellationToken token) =>
            await vehicles.FindAsync(id, token) is { } vehicle ? Results.Ok(vehicle.Trips) : Problem.NotFound($"Vehicle {id} has never been heard."));

        app.MapGet("/vehicles", async (string? ids, Vehicles vehicles, CancellationToken token) =>
        {
            var wanted = ids?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
            return wanted.Length is 0 or > MostAtOnce
                ? Problem.Field("ids", $"Name 1 to {MostAtOnce} vehicles, separated by commas.")
                : Results.Ok((await vehicles.FindAsync(wanted, token)).OrderBy(vehicle => vehicle.Id, StringComparer.Ordinal).Select(VehicleView.Of));
        });
    }

    /// <param name="Missing">Readings that the device made and that have not come.</param>
    /// <param name="Late">Readings that came after a newer one.</param>
    private sealed record VehicleView(
        string Id, Reading Position, DateTimeOffset LastReceivedAt, bool IsSilent, Trip? Trip, long Readings, long Missing, long Late, int Restarts)
    {
        public static VehicleView Of(Vehicle vehicle) => new(
            vehicle.Id, vehicle.Last, vehicle.LastReceivedAt, vehicle.SilentSince is not null, vehicle.Trips.FirstOrDefault(), vehicle.Readings, vehicle.Sequences.Missing,
            vehicle.Late, vehicle.Restarts);
    }
}
