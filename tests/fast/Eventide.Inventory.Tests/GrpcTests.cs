using System.Net;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Contracts;
using Eventide.Contracts.Grpc;
using Eventide.Inventory.Tests.Support;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Eventide.Inventory.Tests;

/// <summary>Inventory as its sidecar, other apps and the platform see it.</summary>
public sealed class GrpcTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_subscription_of_the_contracts_has_typed_routes_a_default_route_and_a_dead_letter_topic()
    {
        await using var shop = await GrpcShop.StartAsync();
        var answer = await shop.App.ListTopicSubscriptionsAsync();

        var expected = Subscriptions.All.Where(subscription => subscription.App == "inventory").ToList();
        Assert.Equal(expected.Select(e => (Topics.PubSub, e.Topic, e.DeadLetterTopic)), answer.Subscriptions.Select(s => (s.PubsubName, s.Topic, s.DeadLetterTopic)));
        foreach (var (subscription, contract) in answer.Subscriptions.Zip(expected))
        {
            Assert.Equal(contract.Types.Select(type => $"event.type == \"{type}\""), subscription.Routes.Rules.Select(rule => rule.Match));
            Assert.Equal($"/events/{contract.Topic}", subscription.Routes.Default);
        }
    }

    [Fact]
    public async Task An_event_reserves_stock_and_others_see_it_through_their_own_sidecar()
    {
        await using var shop = await GrpcShop.StartAsync();
        var order = new OrderCreated("o-1", "ada", [new OrderLine("SKU-001", 2, 1m)], 2m, 1, DateTimeOffset.UtcNow + TimeSpan.FromHours(1));
        await shop.PublishAsync(OrderCreated.Topic, OrderCreated.Type, OrderIds.Event(order), order);

        var stock = new Stock.StockClient(shop.Proxied);
        var reservation = await GrpcShop.EventuallyAsync(
            () => stock.GetReservationAsync(new GetReservationRequest { OrderId = "o-1" }, cancellationToken: Token).ResponseAsync,
            found => found.State == ReservationState.Reserved);
        var level = await stock.GetStockAsync(new GetStockRequest { Sku = "SKU-001" }, cancellationToken: Token);
        var all = await stock.ListStockAsync(new ListStockRequest(), cancellationToken: Token);

        Assert.Equal([("SKU-001", 2)], reservation.Lines.Select(line => (line.Sku, line.Quantity)));
        Assert.Equal((level.Initial - 2, 2, 0, 1), (level.Available, level.Reserved, level.Sold, level.Version));
        Assert.Equal(ProductSeed.Load().Count, all.Levels.Count);
        Assert.Contains(level, all.Levels);
    }

    [Fact]
    public async Task With_a_token_of_the_sidecar_a_forged_message_is_refused_and_its_own_arrive()
    {
        await using var shop = await GrpcShop.StartAsync(appToken: "only-the-sidecar");
        var forged = new TopicEventRequest { Topic = OrderCreated.Topic, Type = OrderCreated.Type, Id = "o-1.v1", PubsubName = Topics.PubSub };
        foreach (var app in new[] { shop.App, shop.App.Intercept(headers => [.. headers, new Metadata.Entry("dapr-api-token", "another")]) })
        {
            var refused = await Assert.ThrowsAsync<RpcException>(() => app.OnTopicEventAsync(forged));
            Assert.Equal(StatusCode.Unauthenticated, refused.StatusCode);
        }

        var order = new OrderCreated("o-1", "ada", [new OrderLine("SKU-001", 2, 1m)], 2m, 1, DateTimeOffset.UtcNow + TimeSpan.FromHours(1));
        await shop.PublishAsync(OrderCreated.Topic, OrderCreated.Type, OrderIds.Event(order), order);
        var reservation = await GrpcShop.EventuallyAsync(
            () => new Stock.StockClient(shop.Proxied).GetReservationAsync(new GetReservationRequest { OrderId = "o-1" }, cancellationToken: Token).ResponseAsync,
            found => found.State == ReservationState.Reserved);
        Assert.Equal([("SKU-001", 2)], reservation.Lines.Select(line => (line.Sku, line.Quantity)));
    }

    [Fact]
    public async Task What_does_not_exist_is_not_found()
    {
        await using var shop = await GrpcShop.StartAsync();
        var stock = new Stock.StockClient(shop.Proxied);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await stock.GetStockAsync(new GetStockRequest { Sku = "none" }, cancellationToken: Token));
        Assert.Equal((StatusCode.NotFound, "There is no SKU none."), (failure.StatusCode, failure.Status.Detail));
        failure = await Assert.ThrowsAsync<RpcException>(async () => await stock.GetReservationAsync(new GetReservationRequest { OrderId = "none" }, cancellationToken: Token));
        Assert.Equal(StatusCode.NotFound, failure.StatusCode);
    }

    [Theory]
    [InlineData("eventide.ordering.order-created.v1", "{", Status.Drop)]
    [InlineData("eventide.ordering.order-created.v1", "{}", Status.Drop)]
    [InlineData("eventide.ordering.order-created.v9", "{", Status.Success)]
    [InlineData("eventide.ordering.order-confirmed.v1", "{}", Status.Success)]
    public async Task Every_message_is_answered(string type, string data, Status status)
    {
        await using var shop = await GrpcShop.StartAsync();
        var answer = await shop.App.OnTopicEventAsync(
            new TopicEventRequest { Id = "e-1", Type = type, Topic = Topics.Orders, PubsubName = Topics.PubSub, Path = "/any", Data = ByteString.CopyFromUtf8(data) });
        Assert.Equal(status, answer.Status);
    }

    [Fact]
    public async Task A_sale_without_a_reservation_asks_for_redelivery_and_others_can_ask_why()
    {
        await using var shop = await GrpcShop.StartAsync();
        var answer = await shop.App.OnTopicEventAsync(
            new TopicEventRequest
            {
                Id = "o-9.stock-sale-requested",
                Type = StockSaleRequested.Type,
                Topic = StockSaleRequested.Topic,
                Data = ByteString.CopyFromUtf8("""{"orderId":"o-9"}"""),
            });
        var note = await new FailedDeliveries.FailedDeliveriesClient(shop.Proxied).GetAsync(
            new GetFailedDeliveryRequest { EventId = "o-9.stock-sale-requested" }, cancellationToken: Token);

        Assert.Equal(Status.Retry, answer.Status);
        Assert.Equal((StockSaleRequested.Topic, 1, "Order o-9 has no reservation to sell."), (note.Topic, note.Attempts, note.Reason));
    }

    [Fact]
    public async Task Health_fails_while_the_store_cannot_be_reached()
    {
        await using var shop = await GrpcShop.StartAsync();
        await shop.App.HealthCheckAsync();

        await shop.StopSidecarsAsync();
        RpcException? failure = null;
        await GrpcShop.EventuallyAsync(
            async () =>
            {
                failure = await Record.ExceptionAsync(() => shop.App.HealthCheckAsync()) as RpcException;
                return failure;
            },
            answer => answer is not null);
        Assert.Equal((StatusCode.Unavailable, "The store does not answer."), (failure!.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task The_health_port_speaks_http_1_and_shows_health_only()
    {
        await using var shop = await GrpcShop.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{shop.HealthPort}"), DefaultRequestVersion = HttpVersion.Version11 };

        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/livez", UriKind.Relative), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync(new Uri("/healthz", UriKind.Relative), Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("/failed-deliveries/e-1", UriKind.Relative), Token)).StatusCode);
    }
}
