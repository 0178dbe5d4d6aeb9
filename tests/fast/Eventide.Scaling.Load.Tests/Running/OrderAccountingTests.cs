using Eventide.Contracts;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;
using Eventide.Scaling.Load.Tests.Support;

namespace Eventide.Scaling.Load.Tests.Running;

/// <summary>Every accepted order is followed to its end, and one that has none is named.</summary>
public class OrderAccountingTests
{
    private static readonly LoadPlan Plan = Plans.Orders(2, 10) with { Patience = TimeSpan.FromSeconds(30) };
    private static readonly List<Purchase> Purchases = [.. new LoadSchedule(Plan, "test").Items().Cast<Purchase>()];
    private readonly VirtualWorld _world = new();
    private readonly FakeShop _shop;

    public OrderAccountingTests() => _shop = new FakeShop(_world);

    [Fact]
    public void All_end_and_the_time_to_the_end_counts_from_when_they_were_to_be_placed()
    {
        var begun = _world.Time.GetUtcNow();
        var endsAt = Purchases.ToDictionary(IdOf, purchase => begun + (purchase.PlaceAt - Plan.Begin) + TimeSpan.FromSeconds(4));
        _shop.Look = id => new OrderLook(FakeShop.Ok, _world.Time.GetUtcNow() >= endsAt[id] ? OrderEnd.Confirmed : OrderEnd.Open);

        var result = Run();

        var orders = result.Orders!;
        Assert.Equal((Purchases.Count, Purchases.Count, 0, 0, 0), (orders.Accepted, orders.Confirmed, orders.Cancelled, orders.Pending, orders.Lost));
        Assert.InRange(orders.TimeToEnd.P50Ms!.Value, 4000, 5200);
        Assert.True(result.NothingIsLost);
        Assert.Equal(Purchases.Sum(purchase => purchase.Basket.Count), result.Actions.Single(action => action.Kind == ActionKind.FillBasket).Answered);
        Assert.Equal(Purchases.Count, result.Actions.Single(action => action.Kind == ActionKind.PlaceOrder).Answered);
    }

    [Fact]
    public void Cancelled_is_an_end_too()
    {
        _shop.Look = _ => new OrderLook(FakeShop.Ok, OrderEnd.Cancelled);

        Assert.Equal(Purchases.Count, Run().Orders!.Cancelled);
    }

    [Fact]
    public void One_that_does_not_end_is_pending_when_the_patience_is_over()
    {
        var stuck = IdOf(Purchases[3]);
        _shop.Look = id => new OrderLook(FakeShop.Ok, id == stuck ? OrderEnd.Open : OrderEnd.Confirmed);

        var result = Run();

        Assert.Equal((1, 0), (result.Orders!.Pending, result.Orders.Lost));
        Assert.Equal([stuck], result.Orders.Unended);
        Assert.False(result.NothingIsLost);
        Assert.InRange(_world.Elapsed, TimeSpan.FromSeconds(40), TimeSpan.FromSeconds(45));
    }

    [Fact]
    public void One_that_was_accepted_and_is_not_known_any_more_is_lost()
    {
        var gone = IdOf(Purchases[3]);
        _shop.Look = id => id == gone ? new OrderLook(FakeShop.NotFound, OrderEnd.Open) : new OrderLook(FakeShop.Ok, OrderEnd.Confirmed);

        var result = Run();

        Assert.Equal((0, 1, Purchases.Count - 1), (result.Orders!.Pending, result.Orders.Lost, result.Orders.Confirmed));
        Assert.Equal([gone], result.Orders.Unended);
        Assert.False(result.NothingIsLost);
    }

    [Fact]
    public void One_that_was_not_answered_is_tried_again_under_its_key_and_looked_for()
    {
        var tries = new Dictionary<string, int>();
        var (unanswered, recovered, neverCame) = (Purchases[1], Purchases[2], Purchases[4]);
        _shop.Place = purchase => (tries[purchase.Key] = tries.GetValueOrDefault(purchase.Key) + 1, purchase) switch
        {
            (_, _) when purchase.Key == unanswered.Key || purchase.Key == neverCame.Key => FakeShop.NoAnswer,
            (1, _) when purchase.Key == recovered.Key => FakeShop.NoAnswer,
            _ => FakeShop.Ok,
        };
        _shop.Look = id => id == IdOf(neverCame) ? new OrderLook(FakeShop.NotFound, OrderEnd.Open) : new OrderLook(FakeShop.Ok, OrderEnd.Confirmed);

        var result = Run();

        Assert.Equal((3, 2, 3), (tries[unanswered.Key], tries[recovered.Key], tries[neverCame.Key]));
        var placed = result.Actions.Single(action => action.Kind == ActionKind.PlaceOrder);
        Assert.Equal((Purchases.Count - 2, 2), (placed.Answered, placed.Failed));
        Assert.Equal((Purchases.Count - 1, Purchases.Count - 1, 0, 0), (result.Orders!.Accepted, result.Orders.Confirmed, result.Orders.Pending, result.Orders.Lost));
    }

    [Fact]
    public void One_that_is_refused_is_no_order()
    {
        _shop.Place = purchase => purchase.Key == Purchases[0].Key ? new LoadAnswer(Verdict.Refused, 400) : FakeShop.Ok;

        var result = Run();

        Assert.Equal(1, result.Actions.Single(action => action.Kind == ActionKind.PlaceOrder).Refused);
        Assert.Equal(Purchases.Count - 1, result.Orders!.Accepted);
        Assert.True(result.NothingIsLost);
    }

    [Fact]
    public void A_customer_fills_the_basket_before_paying()
    {
        var result = Run();

        Assert.Equal(Purchases.Sum(purchase => purchase.Basket.Count + 1), _shop.Steps.Count);
        Assert.NotEqual("order", _shop.Steps[0]);
        Assert.Equal(Purchases.Count, _shop.Orders.Count);
        Assert.True(result.IsComplete);
    }

    private LoadResult Run() => _world.Run(() => LoadRun.RunAsync(Plan, _shop, _world.Time));

    private static string IdOf(Purchase purchase) => OrderIds.Of(purchase.Customer, purchase.Key);
}
