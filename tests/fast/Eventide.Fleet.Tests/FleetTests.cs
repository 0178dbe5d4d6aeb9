using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Eventide.Fleet.Tests.Support;
using Eventide.Sidecar;

namespace Eventide.Fleet.Tests;

/// <summary>From the device to the alert, at any number of replicas, whatever the broker does to order and number.</summary>
public sealed class FleetTests
{
    private const int Vehicles = 20;
    private const int Readings = 30;
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddHours(-1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Every_reading_counts_once_at_any_number_of_replicas_shuffled_and_doubled(int replicas)
    {
        await using var shop = new FleetShop(disorder: new DeliveryDisorder(Seed: 11 + replicas));
        var telemetry = await shop.StartTelemetryAsync();
        await shop.StartAlertsAsync();
        HttpClient fleet = null!;
        for (var replica = 0; replica < replicas; replica++)
        {
            fleet = await shop.StartFleetAsync();
        }

        // Reading 10 of each vehicle is lost on the way, 20 is too fast, the last one ends the trip; batches overlap, as from a device that is not sure.
        foreach (var first in Enumerable.Range(0, Readings / 3).Select(batch => batch * 3))
        {
            var batch = from vehicle in Enumerable.Range(1, Vehicles) from sequence in Enumerable.Range(first, 4) where sequence is > 0 and not 10 && sequence <= Readings select Reading(vehicle, sequence);
            Assert.Equal(HttpStatusCode.Accepted, (await telemetry.PostAsJsonAsync("/readings", batch, Cancel)).StatusCode);
        }

        var last = from vehicle in Enumerable.Range(1, Vehicles) select Reading(vehicle, Readings);
        Assert.Equal(HttpStatusCode.Accepted, (await telemetry.PostAsJsonAsync("/readings", last, Cancel)).StatusCode);

        foreach (var vehicle in Enumerable.Range(1, Vehicles))
        {
            JsonElement found = default;
            await Eventually.HoldsAsync(async () => (found = await FindAsync(fleet, vehicle)).ValueKind == JsonValueKind.Object && found.GetProperty("readings").GetInt32() == Readings - 1, () => $"{found}");
            Assert.Equal((Readings, 1), (found.GetProperty("position").GetProperty("sequence").GetInt32(), found.GetProperty("missing").GetInt32()));
            Assert.Equal(0, found.GetProperty("restarts").GetInt32());
        }

        var expected = Enumerable.Range(1, Vehicles).SelectMany(vehicle => new[] { "ended", "speeding", "started" }.Select(what => $"v-{vehicle:00}.trip-1.{what}")).Order();
        await Eventually.HoldsAsync(() => Task.FromResult(shop.Alerts.Ids.Count >= Vehicles * 3), () => string.Join(' ', shop.Alerts.Ids));
        Assert.Equal(expected, shop.Alerts.Ids);
    }

    [Fact]
    public async Task A_vehicle_that_goes_silent_is_noticed_once_by_any_replica_and_heard_again_when_it_speaks()
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync();
        await shop.StartAlertsAsync();
        (string, string?)[] settings = [("Fleet:SilenceOnTheRoad", "00:00:03"), ("Fleet:SilenceParked", "01:00:00"), ("Fleet:SilenceCheck", "00:00:00.2")];
        var fleet = await shop.StartFleetAsync(settings);
        await shop.StartFleetAsync(settings);

        await telemetry.PostAsJsonAsync("/readings", new[] { Reading(1, 1), Reading(2, Readings) }, Cancel);
        await Eventually.HoldsAsync(async () => (await FindAsync(fleet, 1)).ValueKind == JsonValueKind.Object && (await FindAsync(fleet, 2)).ValueKind == JsonValueKind.Object, () => "both vehicles");

        // On the road it is too long, parked it is not.
        await Eventually.HoldsAsync(async () => (await FindAsync(fleet, 1)).GetProperty("isSilent").GetBoolean(), () => "silent");
        await Eventually.HoldsAsync(() => Task.FromResult(shop.Alerts.Ids.Contains("v-01.1.silent")), () => string.Join(' ', shop.Alerts.Ids));
        Assert.False((await FindAsync(fleet, 2)).GetProperty("isSilent").GetBoolean());
        Assert.DoesNotContain("v-02.30.silent", shop.Alerts.Ids);

        await telemetry.PostAsJsonAsync("/readings", new[] { Reading(1, 2) }, Cancel);
        await Eventually.HoldsAsync(async () => !(await FindAsync(fleet, 1)).GetProperty("isSilent").GetBoolean(), () => "heard again");
    }

    [Fact]
    public async Task What_nobody_can_handle_becomes_a_dead_letter_and_the_rest_of_its_bulk_is_applied()
    {
        await using var shop = new FleetShop();
        object Good(int vehicle) => new { vehicleId = $"v-{vehicle:00}", receivedAt = Begin, readings = new[] { Reading(vehicle, 1) } };
        await shop.PublishAsync("good-1", Good(1));
        await shop.PublishAsync("empty", new { vehicleId = "v-03", receivedAt = Begin, readings = Array.Empty<object>() });
        await shop.PublishAsync("malformed", new { vehicleId = "v-04", receivedAt = Begin, readings = "none" });
        await shop.PublishAsync("good-2", Good(2));

        var fleet = await shop.StartFleetAsync();

        await Eventually.HoldsAsync(async () => (await FindAsync(fleet, 1)).ValueKind == JsonValueKind.Object && (await FindAsync(fleet, 2)).ValueKind == JsonValueKind.Object, () => "both vehicles");
        foreach (var poison in new[] { "empty", "malformed" })
        {
            HttpResponseMessage note = null!;
            await Eventually.HoldsAsync(async () => (note = await fleet.GetAsync($"/failed-deliveries/{poison}", Cancel)).IsSuccessStatusCode, () => $"{poison}: {note}");
            Assert.Equal(1, (await note.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("attempts").GetInt32());
        }

        Assert.Equal(HttpStatusCode.NotFound, (await fleet.GetAsync("/failed-deliveries/good-1", Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_vehicle_that_was_never_heard_is_not_found()
    {
        await using var shop = new FleetShop();
        var fleet = await shop.StartFleetAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await fleet.GetAsync("/vehicles/v-99", Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await fleet.GetAsync("/vehicles", Cancel)).StatusCode);
        Assert.Equal("[]", await fleet.GetStringAsync("/vehicles?ids=v-99", Cancel));
    }

    private static async Task<JsonElement> FindAsync(HttpClient fleet, int vehicle)
    {
        var answer = await fleet.GetAsync($"/vehicles/v-{vehicle:00}", Cancel);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel) : default;
    }

    private static object Reading(int vehicle, int sequence) => new
    {
        vehicleId = $"v-{vehicle:00}",
        sequence,
        at = Begin.AddSeconds(30 * sequence),
        latitude = 52.5,
        longitude = 13.4,
        speed = sequence == 20 ? 150 : 80,
        odometer = 1000.0 + sequence,
        ignition = sequence < Readings,
        trip = 1,
    };
}
