using System.Text.Json;
using Eventide.Fleet.Tests.Support;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Load;
using Eventide.Scaling.Load.Targets;
using Eventide.Sidecar;

namespace Eventide.Fleet.Tests;

/// <summary>The vehicles of the load generator: they live through their day and send as devices do, through a broker that shuffles and doubles, to two replicas.</summary>
public sealed class VirtualVehiclesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-vehicles-").FullName;

    [Fact]
    public async Task Every_reading_of_vehicles_that_drive_rest_and_park_counts_once()
    {
        await using var shop = new FleetShop(new DeliveryDisorder(Seed: 21));
        var telemetry = await shop.StartTelemetryAsync();
        Announce(("telemetry", telemetry), ("fleet", await shop.StartFleetAsync()), ("fleet", await shop.StartFleetAsync()));
        using var target = ShopTarget.Running(_folder);
        var plan = new LoadPlan
        {
            // Twenty minutes at ten in the morning, in five seconds.
            Demands = [new FleetDemand("fleet", Scaling.Demand.Fleet.Simulate(30, seed: 1))],
            Begin = TimeSpan.FromHours(10),
            Duration = TimeSpan.FromMinutes(20),
            Compression = 240,
            Seed = 3,
            Devices = new DeviceHabits { DuplicateShare = 0.1, LateShare = 0.1 },
        };

        var result = await LoadRun.RunAsync(plan, target, cancellationToken: TestContext.Current.CancellationToken);

        var fleet = result.Fleet!;
        Assert.True(fleet.Readings > 800, $"{fleet}");
        Assert.True(fleet is { Duplicates: > 50, HeldBack: > 50, OutOfOrder: > 20 }, $"{fleet}");
        Assert.Equal((fleet.Readings, (long?)fleet.Readings, (long?)0), (fleet.Accepted, fleet.Counted, fleet.Missing));
        Assert.True(result is { IsComplete: true, NothingIsLost: true }, $"{fleet}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Announce(params (string App, HttpClient Client)[] processes)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.WriteAllText(Path.Combine(_folder, "data", "run.json"), JsonSerializer.Serialize(new
        {
            pid = Environment.ProcessId,
            apps = processes.Select((process, index) => new { appId = process.App, appPort = process.Client.BaseAddress!.Port, appProtocol = "http", replica = index }),
        }));
    }
}
