using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Eventide.Contracts;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;
using Eventide.Scaling.Load.Tests.Support;
using Eventide.Tools;
using Microsoft.AspNetCore.Http;

namespace Eventide.Scaling.Load.Tests.Targets;

/// <summary>The shop's addresses as they are really asked, and what its answers mean.</summary>
public sealed class ShopTargetTests : IAsyncLifetime
{
    private static readonly DeviceClock Clock = new(["v-0", "v-1"], new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero));
    private readonly ScriptedShop _shop = new();
    private ShopTarget _target = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync()
    {
        _target = ShopTarget.Running(_shop.Data);
        return ValueTask.CompletedTask;
    }

    [Theory]
    [InlineData(200, Verdict.Answered)]
    [InlineData(429, Verdict.Refused)]
    [InlineData(503, Verdict.Failed)]
    public async Task A_status_says_how_it_was_taken(int status, Verdict verdict)
    {
        await _shop.AddAsync("catalog", ScriptedShop.Answer(status));

        Assert.Equal(new LoadAnswer(verdict, status), await _target.BrowseAsync("/products?category=Home", Cancellation));
        Assert.Equal("GET /products?category=Home", Assert.Single(_shop.Requests).What);
    }

    [Fact]
    public async Task An_order_is_placed_as_its_customer_under_its_key()
    {
        await _shop.AddAsync("ordering", ScriptedShop.Answer(202, """{"id":"o-1","state":"New","total":1,"version":1,"lines":[],"steps":{}}"""));
        var purchase = new Purchase(default, "ada", "key-1", [new BasketStep(default, "SKU-001", 2)], default, "tok_visa", "DE");

        Assert.Equal(new LoadAnswer(Verdict.Answered, 202), await _target.PlaceOrderAsync(purchase, Cancellation));

        var asked = Assert.Single(_shop.Requests);
        Assert.Equal(("POST /orders", "key-1", "ada"), (asked.What, asked.Key, Claim(asked.Authorization, "sub")));
        Assert.Equal("""{"lines":[{"sku":"SKU-001","quantity":2}],"paymentToken":"tok_visa","country":"DE"}""", asked.Body);
    }

    [Theory]
    [InlineData("Started", OrderEnd.Open)]
    [InlineData("Confirmed", OrderEnd.Confirmed)]
    [InlineData("Cancelled", OrderEnd.Cancelled)]
    public async Task An_order_shows_where_it_is(string state, OrderEnd end)
    {
        await _shop.AddAsync("ordering", ScriptedShop.Answer(200, $$$"""{"id":"o-1","state":"{{{state}}}","total":1,"version":1,"lines":[],"steps":{}}"""));

        Assert.Equal(new OrderLook(new LoadAnswer(Verdict.Answered, 200), end), await _target.FindOrderAsync("ada", "o-1", Cancellation));
    }

    [Fact]
    public async Task A_product_goes_into_the_basket_of_who_signs_in()
    {
        await _shop.AddAsync("basket", ScriptedShop.Answer(200, "{}"));

        await _target.PutInBasketAsync("bob", new BasketStep(default, "SKU-007", 3), Cancellation);

        var asked = Assert.Single(_shop.Requests);
        Assert.Equal(("PUT /basket/items/SKU-007", """{"quantity":3}""", "bob"), (asked.What, asked.Body, Claim(asked.Authorization, "sub")));
    }

    [Fact]
    public async Task A_vehicle_reports_for_itself()
    {
        await _shop.AddAsync("telemetry", ScriptedShop.Answer(202, """{"accepted":1,"refused":[],"skewedClocks":[]}"""));

        var answer = await _target.ReportAsync("v-1", isGateway: false, [Reading(1, 5)], Clock, Cancellation);

        Assert.Equal((Verdict.Answered, 0), (answer.Answer.Verdict, answer.Refused.Count));
        var asked = Assert.Single(_shop.Requests);
        Assert.Equal(("POST /vehicles/v-1/readings", "v-1", null), (asked.What, Claim(asked.Authorization, "sub"), Claim(asked.Authorization, "scope")));
        Assert.Equal(
            """{"vehicleId":"v-1","sequence":5,"at":"2026-03-02T08:00:00+00:00","latitude":52.5,"longitude":13.4,"speed":70,"odometer":1000.5,"ignition":true,"trip":2}""", asked.Body);
    }

    [Fact]
    public async Task A_gateway_reports_for_all_and_learns_which_were_refused()
    {
        await _shop.AddAsync("telemetry", ScriptedShop.Answer(207, """{"accepted":1,"refused":[{"index":1,"status":429,"field":"vehicleId","message":"x"}],"skewedClocks":[]}"""));

        var answer = await _target.ReportAsync("gateway-1", isGateway: true, [Reading(0, 1), Reading(1, 1)], Clock, Cancellation);

        Assert.Equal(Verdict.Answered, answer.Answer.Verdict);
        Assert.Equal(new RefusedReading(1, 429), Assert.Single(answer.Refused));
        var asked = Assert.Single(_shop.Requests);
        Assert.Equal(("POST /readings", FleetScopes.ReportForAll), (asked.What, Claim(asked.Authorization, "scope")));
        Assert.Equal(2, JsonDocument.Parse(asked.Body).RootElement.GetArrayLength());
    }

    [Fact]
    public async Task Vehicles_are_asked_for_together()
    {
        await _shop.AddAsync("fleet", ScriptedShop.Answer(200, """[{"id":"v-0","position":{},"readings":7,"missing":1,"late":2,"restarts":0}]"""));

        Assert.Equal([new VehicleCount("v-0", 7, 1, 2)], await _target.FindVehiclesAsync(["v-0", "v-1"], Cancellation));
        Assert.Equal("GET /vehicles?ids=v-0,v-1", Assert.Single(_shop.Requests).What);
    }

    [Fact]
    public async Task Processes_of_an_app_are_taken_in_turn_also_those_that_come_later()
    {
        var first = await _shop.AddAsync("catalog", ScriptedShop.Answer(200));
        await _target.BrowseAsync("/products", Cancellation);
        var second = await _shop.AddAsync("catalog", ScriptedShop.Answer(200));

        await Eventually(async () =>
        {
            await _target.BrowseAsync("/products", Cancellation);
            return _shop.Requests.Any(asked => asked.Port == second);
        });
        var before = _shop.Requests.Count;
        for (var request = 0; request < 10; request++)
        {
            await _target.BrowseAsync("/products", Cancellation);
        }

        Assert.Equal(5, _shop.Requests.Skip(before).Count(asked => asked.Port == first));
    }

    [Fact]
    public async Task One_that_cannot_be_reached_is_asked_for_at_another_process()
    {
        _shop.AddAt("catalog", ClosedPort());
        await _shop.AddAsync("catalog", ScriptedShop.Answer(200));

        for (var request = 0; request < 4; request++)
        {
            Assert.Equal(Verdict.Answered, (await _target.BrowseAsync("/products", Cancellation)).Verdict);
        }
    }

    [Fact]
    public async Task A_connection_that_breaks_is_a_failure_and_nothing_is_thrown()
    {
        await _shop.AddAsync("ordering", context =>
        {
            context.Abort();
            return Task.CompletedTask;
        });

        Assert.Equal(new LoadAnswer(Verdict.Failed, 0), (await _target.FindOrderAsync("ada", "o-1", Cancellation)).Answer);
    }

    [Fact]
    public async Task Where_no_shop_runs_the_user_is_told_what_to_do()
    {
        foreach (var app in new[] { "catalog", "basket", "ordering" })
        {
            _shop.AddAt(app, ClosedPort());
        }

        var failure = await Assert.ThrowsAsync<ToolException>(() => _target.RequireAsync(hasFleet: false, Cancellation));

        Assert.Equal("No shop runs here. Start it with `make run` in another terminal; with DATA=DIR, give the same to both.", failure.Message);
    }

    [Fact]
    public async Task A_shop_without_a_fleet_is_told_apart()
    {
        await _shop.AddAsync("catalog", ScriptedShop.Answer(200));

        Assert.Equal(
            "The shop runs without the service telemetry; add it to the run file, or leave its load out with VEHICLES=0.",
            (await Assert.ThrowsAsync<ToolException>(() => _target.RequireAsync(hasFleet: true, Cancellation))).Message);
    }

    public async ValueTask DisposeAsync()
    {
        _target.Dispose();
        await _shop.DisposeAsync();
    }

    private static DeviceReading Reading(int vehicle, long sequence) => new(vehicle, sequence, TimeSpan.FromHours(8), 52.5, 13.4, 70, 1000.5, true, 2);

    private static string? Claim(string authorization, string name)
    {
        var claims = authorization.Split('.')[1];
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(claims)));
        return json.RootElement.GetProperty(name).GetString();
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task Eventually(Func<Task<bool>> holds)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await holds())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(30));
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }
    }
}
