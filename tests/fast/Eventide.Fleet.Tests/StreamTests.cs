using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Eventide.Fleet.Tests.Support;

namespace Eventide.Fleet.Tests;

/// <summary>Records of a stream as Dapr's input binding hands them over: POST /vehicle-readings with the app's token, tried again unless the answer is 200.</summary>
public sealed class StreamTests
{
    private const string Token = "app-token";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_record_with_one_reading_or_with_many_reaches_the_vehicles()
    {
        await using var shop = new FleetShop { AppToken = Token };
        var telemetry = await StartAsync(shop);
        var fleet = await shop.StartFleetAsync();

        Assert.Equal(HttpStatusCode.OK, (await telemetry.PostAsJsonAsync("/vehicle-readings", Reading("v-1", 1), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await telemetry.PostAsJsonAsync("/vehicle-readings", new[] { Reading("v-1", 2), Reading("v-2", 1) }, Cancel)).StatusCode);

        await Eventually.HoldsAsync(async () => await ReadingsAsync(fleet) is [2, 1], () => "both vehicles");
    }

    [Fact]
    public async Task What_can_never_be_taken_is_not_brought_again_and_holds_up_nothing()
    {
        await using var shop = new FleetShop { AppToken = Token };
        var telemetry = await StartAsync(shop);
        var fleet = await shop.StartFleetAsync();

        foreach (var record in new[] { "no JSON", "", "null", "17", """{"vehicleId":"v-1","sequence":"first"}""" })
        {
            Assert.Equal(HttpStatusCode.OK, (await telemetry.PostAsync("/vehicle-readings", new StringContent(record), Cancel)).StatusCode);
        }

        var mixed = new[] { Reading("v-1", 1), new { vehicleId = "v-1", sequence = "second" }, Reading("v 3", 1), Reading("v-2", 1) };
        Assert.Equal(HttpStatusCode.OK, (await telemetry.PostAsJsonAsync("/vehicle-readings", mixed, Cancel)).StatusCode);

        await Eventually.HoldsAsync(async () => await ReadingsAsync(fleet) is [1, 1], () => "the good readings");
    }

    [Fact]
    public async Task A_record_that_the_broker_did_not_take_is_asked_for_again()
    {
        await using var shop = new FleetShop { AppToken = Token };
        var telemetry = await StartAsync(shop, ("DAPR_GRPC_ENDPOINT", "http://127.0.0.1:1"));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await telemetry.PostAsJsonAsync("/vehicle-readings", Reading("v-1", 1), Cancel)).StatusCode);
    }

    [Fact]
    public async Task Only_the_sidecar_brings_records()
    {
        await using var shop = new FleetShop { AppToken = Token };
        var telemetry = await StartAsync(shop);

        // What Dapr asks first: 405 means that there is such a route.
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await telemetry.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/vehicle-readings"), Cancel)).StatusCode);

        telemetry.DefaultRequestHeaders.Remove("dapr-api-token");
        Assert.Equal(HttpStatusCode.Unauthorized, (await telemetry.PostAsJsonAsync("/vehicle-readings", Reading("v-1", 1), Cancel)).StatusCode);
        telemetry.DefaultRequestHeaders.Add("dapr-api-token", "guessed");
        Assert.Equal(HttpStatusCode.Unauthorized, (await telemetry.PostAsJsonAsync("/vehicle-readings", Reading("v-1", 1), Cancel)).StatusCode);
    }

    [Fact]
    public async Task Without_a_token_of_the_app_there_is_no_such_route()
    {
        await using var shop = new FleetShop();
        var telemetry = await shop.StartTelemetryAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await telemetry.PostAsJsonAsync("/vehicle-readings", Reading("v-1", 1), Cancel)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await telemetry.SendAsync(new HttpRequestMessage(HttpMethod.Options, "/vehicle-readings"), Cancel)).StatusCode);
    }

    private static async Task<HttpClient> StartAsync(FleetShop shop, params (string Key, string? Value)[] settings)
    {
        var telemetry = await shop.StartTelemetryAsync(settings);

        // Dapr knows nothing of vehicles and gateways.
        telemetry.DefaultRequestHeaders.Authorization = null;
        telemetry.DefaultRequestHeaders.Add("dapr-api-token", Token);
        return telemetry;
    }

    private static async Task<IReadOnlyList<int>> ReadingsAsync(HttpClient fleet) =>
        [.. (await fleet.GetFromJsonAsync<JsonElement>("/vehicles?ids=v-1,v-2", Cancel)).EnumerateArray().Select(vehicle => vehicle.GetProperty("readings").GetInt32())];

    private static object Reading(string vehicleId, int sequence) => new
    {
        vehicleId,
        sequence,
        at = DateTimeOffset.UtcNow.AddMinutes(sequence - 60),
        latitude = 52.5,
        longitude = 13.4,
        speed = 50,
        odometer = 1000 + sequence,
        ignition = true,
        trip = 1,
    };
}
