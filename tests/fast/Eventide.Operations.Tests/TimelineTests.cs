using System.Net;
using System.Text.Json.Nodes;
using Eventide.Contracts;
using Eventide.Operations.Tests.Support;

namespace Eventide.Operations.Tests;

public sealed class TimelineTests
{
    [Fact]
    public async Task A_timeline_has_every_event_in_the_order_of_the_saga_however_they_arrive()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        foreach (var publish in Orders.Confirmed("o-1").Reverse())
        {
            await publish(publisher);
        }

        var timeline = await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["events"]?.AsArray().Count == 13);
        Assert.Equal(
            ["o-1.v1", "o-1.stock-reserved", "o-1.v2", "o-1.payment-requested", "o-1.payment-captured", "o-1.v3", "o-1.shipment-requested", "o-1.shipment-booked",
                "o-1.v4", "o-1.stock-sale-requested", "o-1.stock-sold", "o-1.v5", "o-1.v6"],
            timeline["events"]!.AsArray().Select(e => e!["id"]!.GetValue<string>()));
        Assert.Equal("Confirmed", timeline["state"]!.GetValue<string>());
        Assert.Equal(6, timeline["lastVersion"]!.GetValue<int>());
        Assert.Empty(timeline["gaps"]!.AsArray());
        var captured = timeline["events"]!.AsArray()[4]!;
        Assert.Equal("o-1.payment-requested", captured["causationId"]!.GetValue<string>());
        Assert.Equal("0af7651916cd43dd8448eb211c80319c", captured["traceId"]!.GetValue<string>());
        Assert.Equal(37.8m, captured["data"]!["amount"]!.GetValue<decimal>());
    }

    [Fact]
    public async Task The_means_of_payment_is_not_kept()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        await publisher.PublishAsync(new PaymentRequested("o-1", 5m, "tok_secret", DateTimeOffset.MaxValue));
        var timeline = await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["events"] is not null);
        Assert.DoesNotContain("tok_secret", timeline.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(5m, timeline["events"]![0]!["data"]!["amount"]!.GetValue<decimal>());
    }

    [Fact]
    public async Task Every_message_twice_changes_nothing()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        await PublishAllAsync(publisher, "o-1");
        var timeline = await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["events"]?.AsArray().Count == 13);
        var list = await operations.GetJsonAsync("/orders");
        await PublishAllAsync(publisher, "o-1");

        // Another order behind them on the same topics: when it is there, the repeated messages have been handled.
        await PublishAllAsync(publisher, "o-2");
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-2/timeline"), t => t["events"]?.AsArray().Count == 13);
        Assert.Equal(timeline.ToJsonString(), (await operations.GetJsonAsync("/orders/o-1/timeline")).ToJsonString());
        Assert.Equal(list["orders"]![0]!.ToJsonString(), (await operations.GetJsonAsync("/orders"))["orders"]!.AsArray().Single(IsFirst)!.ToJsonString());

        static bool IsFirst(JsonNode? order) => order!["orderId"]!.GetValue<string>() == "o-1";
    }

    [Fact]
    public async Task A_lost_fact_shows_as_a_gap_and_the_order_as_waiting_for_its_step()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        await publisher.PublishAsync(Orders.Created("o-1"));
        await publisher.PublishAsync(Orders.Progressed("o-1", "Payment", 3));
        var timeline = await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["lastVersion"]?.GetValue<int>() == 3);
        Assert.Equal([2], timeline["gaps"]!.AsArray().Select(version => version!.GetValue<int>()));
        Assert.Equal("InProgress", timeline["state"]!.GetValue<string>());
        Assert.Equal("Stock", timeline["step"]!.GetValue<string>());
    }

    [Fact]
    public async Task An_order_that_fails_waits_for_its_undo_and_then_says_why_it_ended()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        var publisher = await shop.PublisherAsync();
        await publisher.PublishAsync(Orders.Created("o-1"));
        await publisher.PublishAsync(Orders.Progressed("o-1", "Stock", 2));
        await publisher.PublishAsync(Orders.Progressed("o-1", "Payment", 3, "declined"));
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["step"]?.GetValue<string>() == "PaymentUndo");
        await publisher.PublishAsync(Orders.Progressed("o-1", "StockUndo", 4));
        await publisher.PublishAsync(Orders.Progressed("o-1", "PaymentUndo", 5));
        await publisher.PublishAsync(new OrderCancelled("o-1", "ada", "declined", 6));
        var timeline = await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["state"]?.GetValue<string>() == "Cancelled");
        Assert.Equal("declined", timeline["reason"]!.GetValue<string>());
        Assert.Null(timeline["step"]);
    }

    [Fact]
    public async Task Timelines_and_lists_survive_a_restart()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        await PublishAllAsync(await shop.PublisherAsync(), "o-1");
        var before = await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), t => t["events"]?.AsArray().Count == 13);
        var list = await operations.GetJsonAsync("/orders");
        await shop.StopAsync();
        operations = await shop.StartOperationsAsync();
        Assert.Equal(before.ToJsonString(), (await operations.GetJsonAsync("/orders/o-1/timeline")).ToJsonString());
        Assert.Equal(list.ToJsonString(), (await operations.GetJsonAsync("/orders")).ToJsonString());
    }

    [Fact]
    public async Task An_order_nobody_has_heard_of_is_not_found()
    {
        await using var shop = new Shop();
        var operations = await shop.StartOperationsAsync();
        await operations.GetAsync(new Uri("/orders/o-0/timeline", UriKind.Relative), TestContext.Current.CancellationToken).IsProblemAsync(HttpStatusCode.NotFound);
    }

    private static async Task PublishAllAsync(Publisher publisher, string id)
    {
        foreach (var publish in Orders.Confirmed(id))
        {
            await publish(publisher);
        }
    }
}
