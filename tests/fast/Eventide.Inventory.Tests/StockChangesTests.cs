using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.Inventory.Tests.Support;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Inventory.Tests;

/// <summary>Changes of one SKU join.</summary>
public sealed class StockChangesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private readonly Simulation _simulation = new(1);
    private readonly FaultyState _state;
    private readonly RecordingPublisher _publisher;
    private readonly Replica _replica;

    public StockChangesTests()
    {
        _state = new FaultyState(_simulation);
        _publisher = new RecordingPublisher(_simulation);
        _replica = new Replica(_simulation, _state, _publisher, new Dictionary<string, int> { ["HOT"] = 50 });
    }

    [Fact]
    public void Two_hundred_orders_for_fifty_pieces_reserve_exactly_fifty_in_few_writes()
    {
        _simulation.Run(() => Task.WhenAll(Enumerable.Range(0, 200).Select(order => _replica.DeliverAsync(Created($"o-{order}", 1)))));

        var level = _state.Peek<StockLevel>(StockLevel.Key("HOT"))!;
        Assert.Equal((0, 50, 0), (level.Available, level.Reserved, level.Sold));
        Assert.Equal(50, _publisher.Published.OfType<StockReserved>().Count());
        Assert.Equal(150, _publisher.Published.OfType<StockRejected>().Count());
        Assert.InRange(_state.Writes[StockLevel.Key("HOT")], 1, 20);
    }

    [Fact]
    public void What_one_change_throws_is_its_own_and_the_others_are_saved()
    {
        _simulation.Run(async () =>
        {
            var good = _replica.Stock.ChangeAsync("HOT", level => level.Reserve("a", 1, default), Token);
            var bad = _replica.Stock.ChangeAsync("HOT", _ => throw new TimeoutException("mine"), Token);
            var other = _replica.Stock.ChangeAsync("HOT", level => level.Reserve("b", 2, default), Token);

            Assert.Equal("mine", (await FailureOf(bad))?.Message);
            Assert.True((await good).IsReservedFor("a"));
            Assert.True((await other).IsReservedFor("b"));
        });

        Assert.Equal(3, _state.Peek<StockLevel>(StockLevel.Key("HOT"))!.Reserved);
    }

    [Fact]
    public void A_caller_that_gives_up_takes_nobody_along()
    {
        _simulation.Run(async () =>
        {
            using var impatient = new CancellationTokenSource();
            var first = _replica.Stock.ChangeAsync("HOT", level => level.Reserve("a", 1, default), impatient.Token);
            var second = _replica.Stock.ChangeAsync("HOT", level => level.Reserve("b", 2, default), Token);
            impatient.Cancel();

            Assert.IsAssignableFrom<OperationCanceledException>(await FailureOf(first));
            Assert.True((await second).IsReservedFor("b"));
        });
    }

    [Fact]
    public void A_store_that_stays_away_fails_those_who_wait_and_nobody_after_them()
    {
        _state.FaultRate = 1;
        _simulation.Run(async () => Assert.NotNull(await FailureOf(_replica.Stock.ChangeAsync("HOT", level => level.Reserve("a", 1, default), Token))));
        _state.FaultRate = 0;
        _simulation.Run(async () => Assert.True((await _replica.Stock.ChangeAsync("HOT", level => level.Reserve("b", 1, default), Token)).IsReservedFor("b")));
    }

    [Fact]
    public void Changes_beyond_the_limit_are_refused_at_once()
    {
        _simulation.Run(async () =>
        {
            var changes = Enumerable.Range(0, 2002).Select(_ => _replica.Stock.ChangeAsync("HOT", level => level, Token)).ToList();
            Assert.IsType<InvalidOperationException>(await FailureOf(Task.WhenAll(changes)));
            Assert.Equal(1, changes.Count(change => change.IsFaulted));
        });
    }

    [Fact]
    public void A_change_that_changes_nothing_is_not_written()
    {
        _simulation.Run(() => _replica.Stock.ChangeAsync("HOT", level => level.Reserve("a", 51, default), Token));
        Assert.Empty(_state.Writes);
    }

    // Not Assert.ThrowsAsync: it would go on outside of the simulation.
    private static async Task<Exception?> FailureOf(Task task)
    {
        try
        {
            await task;
            return null;
        }
        catch (Exception failure)
        {
            return failure;
        }
    }

    private OrderCreated Created(string id, int quantity) =>
        new(id, "ada", [new OrderLine("HOT", quantity, 1m)], 1m, 1, _simulation.Time.GetUtcNow() + TimeSpan.FromHours(1));
}
