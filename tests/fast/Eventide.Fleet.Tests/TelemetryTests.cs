using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Eventide.ChildProcesses;
using Eventide.Contracts.Telemetry.V1;
using Eventide.Fleet.Tests.Support;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Eventide.Fleet.Tests;

/// <summary>Readings are taken or refused one by one, and whoever sends them learns what to do about it.</summary>
public sealed class TelemetryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_good_reading_is_accepted_and_a_bad_one_is_refused_with_its_field()
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await telemetry.PostAsJsonAsync("/vehicles/v-1/readings", Reading(), Cancel)).StatusCode);
        foreach (var (field, value) in new (string, object?)[] { ("latitude", 91), ("longitude", null), ("speed", -1), ("sequence", 0), ("at", "2020-01-01T00:00:00Z"), ("odometer", 1e9), ("trip", -1), ("ignition", null) })
        {
            var answer = await telemetry.PostAsJsonAsync("/vehicles/v-1/readings", Reading((field, value)), Cancel);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);

            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.True(problem.GetProperty("errors").TryGetProperty(field, out _), $"{field}: {problem}");
        }
    }

    [Fact]
    public async Task Of_a_batch_the_good_ones_are_taken_and_each_bad_one_is_named()
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync();

        var answer = await telemetry.PostAsJsonAsync(
            "/readings", new[] { Reading(("vehicleId", "v-1")), Reading(("vehicleId", "v 2")), Reading(("vehicleId", "v-3"), ("speed", 900)), Reading(("vehicleId", "v-3")), Reading(("speed", "fast")), null }, Cancel);
        var result = await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);

        Assert.Equal(HttpStatusCode.MultiStatus, answer.StatusCode);
        Assert.Equal(2, result.GetProperty("accepted").GetInt32());
        Assert.Equal([(1, 400, "vehicleId"), (2, 400, "speed"), (4, 400, "speed"), (5, 400, "reading")], Refusals(result));
    }

    [Fact]
    public async Task A_vehicle_speaks_for_itself_only()
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync();
        telemetry.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", shop.TelemetryToken("v-1"));

        Assert.Equal(HttpStatusCode.Accepted, (await telemetry.PostAsJsonAsync("/vehicles/v-1/readings", Reading(), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await telemetry.PostAsJsonAsync("/vehicles/v-2/readings", Reading(), Cancel)).StatusCode);
        telemetry.DefaultRequestHeaders.Authorization = null;
        Assert.Equal(HttpStatusCode.Unauthorized, (await telemetry.PostAsJsonAsync("/vehicles/v-1/readings", Reading(), Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_flood_from_one_vehicle_is_refused_with_a_time_to_come_back_and_the_others_are_not()
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync(("Telemetry:Burst", "5"), ("Telemetry:ReadingsPerSecond", "1"));

        var flood = await telemetry.PostAsJsonAsync("/readings", Enumerable.Range(1, 50).Select(sequence => Reading(("vehicleId", "v-1"), ("sequence", sequence))), Cancel);

        // On a busy machine the second may be over in which the vehicle gets another one.
        HttpResponseMessage single = null!;
        await Eventually.HoldsAsync(
            async () => (single = await telemetry.PostAsJsonAsync("/vehicles/v-1/readings", Reading(), Cancel)).StatusCode == HttpStatusCode.TooManyRequests, () => $"{single}");

        Assert.Equal(HttpStatusCode.MultiStatus, flood.StatusCode);
        Assert.NotNull(flood.Headers.RetryAfter);
        Assert.All(Refusals(await flood.Content.ReadFromJsonAsync<JsonElement>(Cancel)), refusal => Assert.Equal(429, refusal.Status));
        Assert.NotNull(single.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.Accepted, (await telemetry.PostAsJsonAsync("/vehicles/v-2/readings", Reading(), Cancel)).StatusCode);
    }

    [Fact]
    public async Task A_device_whose_clock_is_ahead_is_named_and_its_reading_is_taken()
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync();

        var answer = await telemetry.PostAsJsonAsync("/vehicles/v-1/readings", Reading(("at", DateTimeOffset.UtcNow.AddMinutes(10))), Cancel);

        Assert.Equal(["v-1"], (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel)).GetProperty("skewedClocks").EnumerateArray().Select(item => item.GetString()));
    }

    [Theory]
    [InlineData("[]", "Send 1 to 1000 readings at once; these are 0.")]
    [InlineData("{\"speed\":48}", "The field is not known here, or its value has the wrong type")]
    [InlineData("[{", "The body is not valid JSON")]
    public async Task What_is_no_batch_is_refused_with_a_reason(string body, string reason)
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync();

        var answer = await telemetry.PostAsync("/readings", new StringContent(body, MediaTypeHeaderValue.Parse("application/json")), Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Over_grpc_the_same_rules_hold()
    {
        await using var shop = new FleetShop();
        var port = new FreePorts().Take();
        await shop.StartTelemetryAsync(("Telemetry:GrpcPort", $"{port}"));
        using var channel = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
        var client = new TelemetryService.TelemetryServiceClient(channel);
        var own = new Metadata { { "authorization", $"Bearer {shop.TelemetryToken("v-1")}" } };
        var reading = new VehicleReading
        {
            VehicleId = "v-1",
            Sequence = 1,
            At = DateTimeOffset.UtcNow.ToTimestamp(),
            Latitude = 52.5,
            Longitude = 13.4,
            Speed = 50,
            Odometer = 10,
            Ignition = true,
            Trip = 1,
        };

        var answer = await client.ReportAsync(
            new ReportRequest { Readings = { reading, new VehicleReading(reading) { VehicleId = "v-2" }, new VehicleReading(reading) { Speed = 1000 } } }, own, cancellationToken: Cancel);

        Assert.Equal(1, answer.Accepted);
        Assert.Equal([(1, 403, "vehicleId"), (2, 400, "speed")], answer.Refused.Select(refusal => (refusal.Index, refusal.Status, refusal.Field)));
        var unknown = await Assert.ThrowsAsync<RpcException>(async () => await client.ReportAsync(new ReportRequest { Readings = { reading } }, cancellationToken: Cancel));
        Assert.Equal(StatusCode.Unauthenticated, unknown.StatusCode);
    }

    private static Dictionary<string, object?> Reading(params ReadOnlySpan<(string Field, object? Value)> fields)
    {
        var reading = new Dictionary<string, object?>
        {
            ["sequence"] = 1,
            ["at"] = DateTimeOffset.UtcNow,
            ["latitude"] = 52.5,
            ["longitude"] = 13.4,
            ["speed"] = 50,
            ["odometer"] = 1000.5,
            ["ignition"] = true,
            ["trip"] = 1,
        };
        foreach (var (field, value) in fields)
        {
            reading[field] = value;
        }

        return reading;
    }

    private static IEnumerable<(int Index, int Status, string? Field)> Refusals(JsonElement result) => result.GetProperty("refused").EnumerateArray()
        .Select(refusal => (refusal.GetProperty("index").GetInt32(), refusal.GetProperty("status").GetInt32(), refusal.GetProperty("field").GetString()));
}
