using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;
using Eventide.Scaling.Load.Tests.Support;

namespace Eventide.Scaling.Load.Tests.Running;

/// <summary>Every reading that telemetry accepted has to be counted by fleet, once.</summary>
public class ReadingAccountingTests
{
    private static readonly LoadPlan Plan = Plans.Vehicles(60, seconds: 20) with { Patience = TimeSpan.FromSeconds(10) };
    private readonly VirtualWorld _world = new();
    private readonly FakeShop _shop;

    public ReadingAccountingTests() => _shop = new FakeShop(_world);

    [Fact]
    public void All_are_accepted_and_counted_and_what_was_sent_twice_counts_once()
    {
        var fleet = Run().Fleet!;

        Assert.True(fleet.Readings > 1000);
        Assert.Equal((fleet.Readings, fleet.Readings, 0, 0), (fleet.Accepted, fleet.Counted, fleet.Lost, fleet.Unsent));
        Assert.Equal(fleet.Readings + fleet.Duplicates, _shop.Readings.Count);
        Assert.Equal((60, 0), (fleet.Vehicles, fleet.Missing));
        Assert.True(fleet.Duplicates > 0 && fleet.HeldBack > 0);
    }

    [Fact]
    public void Those_that_fleet_does_not_count_are_lost_and_their_vehicle_is_named()
    {
        _shop.Counts = reading => reading is not { Vehicle: 7, Sequence: 3 or 5 };

        var result = Run();

        Assert.Equal((2, 2), (result.Fleet!.Lost, result.Fleet.Missing));
        Assert.Equal(["test-vehicle-7"], result.Fleet.VehiclesWithLosses);
        Assert.False(result.NothingIsLost);

        // It was given its time.
        Assert.True(_world.Elapsed > TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void What_is_not_taken_is_sent_again_as_devices_do()
    {
        var seen = new HashSet<(int, long)>();
        _shop.Report = readings => (seen.Add((readings[0].Vehicle, readings[0].Sequence)), readings) switch
        {
            (true, [{ Sequence: var sequence }, ..]) when sequence % 3 == 0 => new ReportAnswer(FakeShop.NoAnswer, []),
            (true, { Count: > 2 }) => new ReportAnswer(FakeShop.Ok, [new RefusedReading(1, 429), new RefusedReading(2, 503)]),
            _ => new ReportAnswer(FakeShop.Ok, []),
        };

        var result = Run();

        Assert.True(result.Actions.Sum(action => action.Failed) > 20);
        Assert.Equal((result.Fleet!.Readings, result.Fleet.Readings, 0), (result.Fleet.Accepted, result.Fleet.Counted, result.Fleet.Unsent));
    }

    [Fact]
    public void What_a_rule_refuses_is_given_up_and_counted()
    {
        _shop.Report = readings => new ReportAnswer(
            FakeShop.Ok, [.. readings.Index().Where(entry => entry.Item is { Vehicle: 9, Sequence: 4 }).Select(entry => new RefusedReading(entry.Index, 400))]);

        var result = Run();

        Assert.Equal((1, result.Fleet!.Readings - 1, 0), (result.Fleet.Unsent, result.Fleet.Accepted, result.Fleet.Lost));
        Assert.False(result.NothingIsLost);
    }

    [Fact]
    public void What_is_never_taken_is_given_up_after_five_times()
    {
        _shop.Report = _ => new ReportAnswer(FakeShop.NoAnswer, []);

        var result = Run();

        Assert.Equal((result.Fleet!.Readings, 0), (result.Fleet.Unsent, result.Fleet.Accepted));
        var batches = result.Actions.Single(action => action.Kind == ActionKind.SendBatch);
        Assert.Equal(0, batches.Intended % 5);
        Assert.Equal(batches.Intended, batches.Failed);
    }

    [Fact]
    public void Devices_tell_the_simulated_time_and_are_never_ahead_of_the_shop()
    {
        var begun = _world.Time.GetUtcNow();
        Run();

        Assert.InRange(_shop.Readings.Max(reading => reading.At), begun - TimeSpan.FromMinutes(1), begun);
        Assert.InRange(_shop.Readings.Min(reading => reading.At), begun - TimeSpan.FromMinutes(20), begun - TimeSpan.FromMinutes(18));
        Assert.All(_shop.Readings.DistinctBy(reading => (reading.Reading.Vehicle, reading.Reading.Sequence)).GroupBy(reading => reading.Reading.Vehicle), vehicle =>
            Assert.Equal(
                vehicle.OrderBy(reading => reading.Reading.Sequence).Select(reading => reading.At), vehicle.Select(reading => reading.At).Order()));
    }

    private LoadResult Run() => _world.Run(() => LoadRun.RunAsync(Plan, _shop, _world.Time));
}
