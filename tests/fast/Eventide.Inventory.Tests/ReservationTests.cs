using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.Inventory.Tests.Support;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Inventory.Tests;

/// <summary>One order at a time, in the situations that the rules name.</summary>
public sealed class ReservationTests
{
    private static readonly OrderLine[] Lines = [new("B", 2, 1m), new("A", 1, 1m), new("B", 1, 1m)];
    private readonly Simulation _simulation = new(1);
    private readonly FaultyState _state;
    private readonly RecordingPublisher _publisher;
    private readonly Replica _replica;

    public ReservationTests()
    {
        _state = new FaultyState(_simulation);
        _publisher = new RecordingPublisher(_simulation);
        _replica = NewReplica();
    }

    [Fact]
    public void A_reservation_answers_with_the_levels_it_led_to_and_answers_the_same_again()
    {
        Run(async () =>
        {
            Assert.Equal(DeliveryStatus.Success, await _replica.DeliverAsync(Created("o")));
            await _replica.DeliverAsync(Created("other"));
            Assert.Equal(DeliveryStatus.Success, await _replica.DeliverAsync(Created("o")));
        });

        foreach (var answer in _publisher.Of<StockReserved>("o"))
        {
            Assert.Equal([new StockAvailable("A", 9, 1), new StockAvailable("B", 7, 1)], answer.Levels);
        }

        Assert.Equal(2, _publisher.Of<StockReserved>("o").Count);
        Assert.NotNull(_publisher.Times[0]);
        Assert.Equal(_publisher.Times[0], _publisher.Times[2]);
        Assert.Null(_state.ExpiresAt(Reservation.Key("o")));
    }

    [Fact]
    public void A_line_that_is_out_of_stock_gives_the_others_back_and_the_refusal_expires()
    {
        Run(() => _replica.DeliverAsync(Created("o", new OrderLine("A", 1, 1m), new OrderLine("B", 11, 1m))));

        var refusal = Assert.Single(_publisher.Of<StockRejected>("o"));
        Assert.Equal("B is out of stock", refusal.Reason);
        Assert.Equal([new StockAvailable("A", 10, 2), new StockAvailable("B", 10, 1)], refusal.Levels);
        Assert.NotNull(_state.ExpiresAt(Reservation.Key("o")));
    }

    [Fact]
    public void A_release_that_comes_first_keeps_the_reservation_out()
    {
        Run(async () =>
        {
            await _replica.DeliverAsync(new StockReleaseRequested("o", Lines));
            await _replica.DeliverAsync(Created("o"));
        });

        Assert.Equal("the order was cancelled", Assert.Single(_publisher.Of<StockRejected>("o")).Reason);
        Assert.Equal(0, Level("A").Reserved);
        Assert.True(_state.ExpiresAt(Reservation.Key("o")) >= _simulation.Time.GetUtcNow() + TimeSpan.FromHours(23));
    }

    [Fact]
    public void A_refused_order_stays_refused_with_the_same_answer_after_its_release()
    {
        Run(async () =>
        {
            var created = Created("o", new OrderLine("A", 11, 1m));
            await _replica.DeliverAsync(created);
            await _replica.DeliverAsync(new StockReleaseRequested("o", created.Lines));
            await _replica.DeliverAsync(created);
        });

        Assert.Single(_publisher.Of<StockReleased>("o"));
        Assert.Equal(["A is out of stock", "A is out of stock"], _publisher.Of<StockRejected>("o").Select(refusal => refusal.Reason));
    }

    [Fact]
    public void A_request_that_comes_too_late_is_refused_and_touches_no_stock()
    {
        Run(() => _replica.DeliverAsync(Created("o") with { NotAfter = _simulation.Time.GetUtcNow() - TimeSpan.FromSeconds(1) }));

        Assert.Equal("the request came too late", Assert.Single(_publisher.Of<StockRejected>("o")).Reason);
        Assert.DoesNotContain(_state.Writes.Keys, key => key.StartsWith("stock/", StringComparison.Ordinal));
    }

    [Fact]
    public void A_sale_that_meets_no_reservation_is_delivered_again()
    {
        Run(async () =>
        {
            Assert.Equal(DeliveryStatus.Retry, await _replica.DeliverAsync(new StockSaleRequested("o")));
            await _replica.DeliverAsync(Created("o"));
            Assert.Equal(DeliveryStatus.Success, await _replica.DeliverAsync(new StockSaleRequested("o")));
            Assert.Equal(DeliveryStatus.Success, await _replica.DeliverAsync(new StockSaleRequested("o")));
        });

        Assert.Equal((9, 0, 1), (Level("A").Available, Level("A").Reserved, Level("A").Sold));
        Assert.Equal((7, 0, 3), (Level("B").Available, Level("B").Reserved, Level("B").Sold));
    }

    [Fact]
    public void A_sale_that_meets_a_released_order_is_delivered_again()
    {
        Run(async () =>
        {
            await _replica.DeliverAsync(new StockReleaseRequested("o", Lines));
            Assert.Equal(DeliveryStatus.Retry, await _replica.DeliverAsync(new StockSaleRequested("o")));
        });
        Assert.Empty(_publisher.Of<StockSold>("o"));
    }

    [Fact]
    public void A_sold_order_is_not_released()
    {
        Run(async () =>
        {
            await _replica.DeliverAsync(Created("o"));
            await _replica.DeliverAsync(new StockSaleRequested("o"));
            Assert.Equal(DeliveryStatus.Retry, await _replica.DeliverAsync(new StockReleaseRequested("o", Lines)));
        });
        Assert.Equal(1, Level("A").Sold);
        Assert.Empty(_publisher.Of<StockReleased>("o"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void An_order_that_makes_no_sense_is_dropped(int quantity)
    {
        Run(async () =>
        {
            Assert.Equal(DeliveryStatus.Drop, await _replica.DeliverAsync(Created("o", new OrderLine("A", quantity, 1m))));
            Assert.Equal(DeliveryStatus.Drop, await _replica.DeliverAsync(Created("o") with { Lines = [] }));
        });
        Assert.Null(_state.Peek<Reservation>(Reservation.Key("o")));
    }

    [Fact]
    public void A_handler_that_was_stalled_until_the_marks_were_gone_reserves_nothing()
    {
        var stalled = false;
        _state.Written = key =>
        {
            var first = !stalled && key == Reservation.Key("o");
            stalled |= first;
            return first ? Task.Delay(TimeSpan.FromMinutes(5), _simulation.Time) : Task.CompletedTask;
        };
        Run(async () =>
        {
            var duplicate = _replica.DeliverAsync(Created("o"));
            while (!stalled)
            {
                await _simulation.Later(TimeSpan.FromSeconds(1));
            }

            var other = NewReplica();
            await other.DeliverAsync(Created("o"));
            await other.DeliverAsync(new StockReleaseRequested("o", Lines));
            await Task.Delay(StockLevel.MarkRetention, _simulation.Time);
            await other.DeliverAsync(Created("next"));
            Assert.DoesNotContain("o", Level("A").Marks.Keys);

            Assert.Equal(DeliveryStatus.Retry, await duplicate);
        });

        Assert.Equal(1, Level("A").Reserved);
        Assert.Equal(3, Level("B").Reserved);
    }

    [Fact]
    public void Marks_of_reservations_stay_and_finished_ones_go_with_the_next_change()
    {
        Run(async () =>
        {
            await _replica.DeliverAsync(Created("kept"));
            await _replica.DeliverAsync(Created("sold"));
            await _replica.DeliverAsync(new StockSaleRequested("sold"));
            await Task.Delay(StockLevel.MarkRetention, _simulation.Time);
            await _replica.DeliverAsync(Created("next"));
        });

        Assert.Equal(["kept", "next"], Level("A").Marks.Keys.Order());
    }

    private void Run(Func<Task> work) => _simulation.Run(work);

    private Replica NewReplica() => new(_simulation, _state, _publisher, new Dictionary<string, int> { ["A"] = 10, ["B"] = 10 });

    private StockLevel Level(string sku) => _state.Peek<StockLevel>(StockLevel.Key(sku))!;

    private OrderCreated Created(string id, params OrderLine[] lines) =>
        new(id, "ada", lines.Length > 0 ? lines : Lines, 1m, 1, _simulation.Time.GetUtcNow() + TimeSpan.FromHours(1));
}
