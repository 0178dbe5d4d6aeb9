using System.Text.Json;
using CsCheck;
using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.Inventory.Tests.Support;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Inventory.Tests;

/// <summary>
/// Whole lives of orders over two replicas and a store that fails: messages doubled, late, out of order and delivered again. A failure prints the seed that repeats
/// it (CsCheck_Seed).
/// </summary>
public sealed class ReservationPropertyTests
{
    private static readonly Dictionary<string, int> Stock = new() { ["SKU-1"] = 9, ["SKU-2"] = 5, ["SKU-3"] = 3 };

    private enum Fate
    {
        Sold,
        CancelledWhenAnswered,
        CancelledAtAnyTime,
        Kept,
    }

    private sealed record Case(int Seed, double FaultRate, double StallRate, Plan[] Orders);

    private sealed record Plan(Fate Fate, (int Sku, int Quantity)[] Lines, int Duplicates, bool LateDuplicate);

    private static readonly Gen<Case> Cases = Gen.Select(
        Gen.Int[0, int.MaxValue], Gen.OneOf(0.0, 0.05, 0.2), Gen.OneOf(0.0, 0.01, 0.05),
        Gen.Select(
            Gen.Enum<Fate>(), Gen.Select(Gen.Int[1, 3], Gen.Int[1, 4]).Array[1, 3], Gen.Int[0, 2], Gen.Bool,
            (fate, lines, duplicates, late) => new Plan(fate, lines, duplicates, late)).Array[1, 8],
        (seed, faults, stalls, orders) => new Case(seed, faults, stalls, orders));

    [Fact]
    public void Stock_is_conserved_and_every_order_takes_effect_exactly_once() => Cases.Sample(Check, iter: 250, threads: 1);

    private static void Check(Case scenario)
    {
        var simulation = new Simulation(scenario.Seed);
        var state = new FaultyState(simulation) { FaultRate = scenario.FaultRate, StallRate = scenario.StallRate };
        var publisher = new RecordingPublisher(simulation) { FaultRate = scenario.FaultRate };
        Replica[] replicas = [new(simulation, state, publisher, Stock), new(simulation, state, publisher, Stock)];
        var orders = scenario.Orders.Select((plan, index) => new Life(simulation, replicas, publisher, $"o-{index}", plan)).ToList();

        simulation.Run(() => Task.WhenAll(orders.Select(order => order.RunAsync())));

        var records = orders.ToDictionary(order => order, order => state.Peek<Reservation>(Reservation.Key(order.Id)));
        foreach (var (order, record) in records)
        {
            order.CheckAnswers(record);
        }

        foreach (var (sku, initial) in Stock)
        {
            var level = state.Peek<StockLevel>(StockLevel.Key(sku)) ?? StockLevel.Of(sku, initial);
            Assert.Equal(records.Where(r => r.Value?.State == ReservationState.Sold).Sum(r => r.Key.Quantity(sku)), level.Sold);
            Assert.Equal(records.Where(r => r.Value?.State == ReservationState.Reserved).Sum(r => r.Key.Quantity(sku)), level.Reserved);
        }
    }

    /// <summary>What the saga and the broker do to one order.</summary>
    private sealed class Life(Simulation simulation, Replica[] replicas, RecordingPublisher publisher, string id, Plan plan)
    {
        private readonly OrderLine[] _lines = [.. plan.Lines.Select(line => new OrderLine($"SKU-{line.Sku}", line.Quantity, 1m))];

        public string Id => id;

        public int Quantity(string sku) => _lines.Where(line => line.Sku == sku).Sum(line => line.Quantity);

        public async Task RunAsync()
        {
            await simulation.Later(TimeSpan.FromMilliseconds(100));
            var created = new OrderCreated(id, "ada", _lines, 1m, 1, simulation.Time.GetUtcNow() + TimeSpan.FromHours(1));
            var reserving = DeliverAllAsync(created);
            await (plan.Fate == Fate.CancelledAtAnyTime ? simulation.Later(TimeSpan.FromMilliseconds(300)) : AnsweredAsync());
            var reserved = publisher.Of<StockReserved>(id).Count > 0;
            await (plan.Fate switch
            {
                Fate.Sold when reserved => DeliverAllAsync(new StockSaleRequested(id)),
                Fate.Kept when reserved => Task.CompletedTask,
                _ => DeliverAllAsync(new StockReleaseRequested(id, _lines)),
            });
            await reserving;
            if (plan.LateDuplicate)
            {
                await simulation.Later(TimeSpan.FromMinutes(80));
                await DeliverAsync(created);
            }
        }

        public void CheckAnswers(Reservation? record)
        {
            // Expired, or of a kind that a late duplicate may have begun anew and had refused.
            var sold = publisher.Of<StockSold>(id).Count > 0;
            var released = publisher.Of<StockReleased>(id).Count > 0;
            Assert.Equal(record?.State == ReservationState.Sold, sold);
            Assert.False(sold && released);
            Assert.True(record?.State is null or ReservationState.Reserved or ReservationState.Sold or ReservationState.Rejected or ReservationState.Released, $"{record}");
            if (plan.Fate == Fate.Sold && publisher.Of<StockReserved>(id).Count > 0)
            {
                Assert.Equal(ReservationState.Sold, record?.State);
            }

            Same(publisher.Of<StockReserved>(id));
            Same(publisher.Of<StockReleased>(id));
            Assert.False(publisher.Of<StockReserved>(id).Count > 0 && publisher.Of<StockRejected>(id).Any(rejected => rejected.Reason.EndsWith("out of stock", StringComparison.Ordinal)));
        }

        // A record with an outcome answers with that same outcome.
        private static void Same<TEvent>(IEnumerable<TEvent> answers) => Assert.InRange(answers.Select(answer => JsonSerializer.Serialize(answer)).Distinct().Count(), 0, 1);

        private async Task AnsweredAsync()
        {
            while (publisher.Of<StockReserved>(id).Count == 0 && publisher.Of<StockRejected>(id).Count == 0)
            {
                await simulation.Later(TimeSpan.FromMilliseconds(200));
            }
        }

        private Task DeliverAllAsync<TEvent>(TEvent message) where TEvent : IOrderEvent =>
            Task.WhenAll(Enumerable.Range(0, plan.Duplicates + 1).Select(_ => DeliverAsync(message)));

        private async Task DeliverAsync<TEvent>(TEvent message) where TEvent : IOrderEvent
        {
            do
            {
                await simulation.Later(TimeSpan.FromMilliseconds(200));
            }
            while (await replicas[simulation.Random.Next(replicas.Length)].DeliverAsync(message) != DeliveryStatus.Success);
        }
    }
}
