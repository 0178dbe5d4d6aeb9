using System.Text.Json.Nodes;
using Eventide.Contracts;
using Eventide.Operations.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Operations.Tests;

public sealed class OrderListTests
{
    [Fact]
    public async Task Orders_are_listed_newest_first_by_state_and_in_pages()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        foreach (var number in Enumerable.Range(1, 5))
        {
            await publisher.PublishAsync(Orders.Created($"o-{number}"));
            await Wait.UntilAsync(() => operations.GetJsonAsync("/orders"), list => Ids(list).Contains($"o-{number}"));
        }

        await publisher.PublishAsync(new OrderConfirmed("o-2", "ada", 6));
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders?state=confirmed"), list => Ids(list).SequenceEqual(["o-2"]));
        Assert.Equal(["o-5", "o-4", "o-3", "o-1"], Ids(await operations.GetJsonAsync("/orders?state=InProgress")));
        var first = await operations.GetJsonAsync("/orders?take=2");
        Assert.Equal(["o-5", "o-4"], Ids(first));
        var second = await operations.GetJsonAsync($"/orders?take=3&before={Uri.EscapeDataString(first["next"]!.GetValue<string>())}");
        Assert.Equal(["o-3", "o-2", "o-1"], Ids(second));
        Assert.Empty(Ids(await operations.GetJsonAsync($"/orders?since={Uri.EscapeDataString(DateTimeOffset.UtcNow.AddMinutes(5).ToString("O"))}")));
    }

    [Fact]
    public async Task An_order_that_has_not_ended_after_fifteen_minutes_is_stuck_at_its_step()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var shop = new Shop();
        var operations = await shop.StartAsync(
            "operations", builder => builder.Services.AddSingleton<TimeProvider>(clock).AddOperations(builder.Configuration), app => app.MapOperations());
        var publisher = await shop.PublisherAsync();
        await publisher.PublishAsync(Orders.Created("o-1"));
        await publisher.PublishAsync(Orders.Progressed("o-1", "Stock", 2));
        await publisher.PublishAsync(Orders.Created("o-2"));
        await publisher.PublishAsync(new OrderConfirmed("o-2", "ada", 6));

        // The end of o-3 comes before its beginning.
        await publisher.PublishAsync(new OrderConfirmed("o-3", "ada", 6));
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-3/timeline"), t => t["state"]?.GetValue<string>() == "Confirmed");
        await publisher.PublishAsync(Orders.Created("o-3"));
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders"), list => Ids(list).Count() == 3);
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-2/timeline"), t => t["state"]?.GetValue<string>() == "Confirmed");
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["lastVersion"]?.GetValue<int>() == 2);

        Assert.Empty(Ids(await operations.GetJsonAsync("/orders/stuck")));
        clock.Advance(TimeSpan.FromMinutes(15) + TimeSpan.FromSeconds(1));
        var stuck = await operations.GetJsonAsync("/orders/stuck");
        Assert.Equal(["o-1"], Ids(stuck));
        Assert.Equal("Payment", stuck["orders"]![0]!["step"]!.GetValue<string>());
    }

    private static IEnumerable<string> Ids(JsonNode list) => list["orders"]!.AsArray().Select(order => order!["orderId"]!.GetValue<string>());
}
