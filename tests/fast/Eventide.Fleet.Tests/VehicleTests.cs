using System.Text.Json;
using CsCheck;
using Eventide.Contracts;
using Eventide.Fleet.Domain;

namespace Eventide.Fleet.Tests;

/// <summary>What is known of a vehicle does not depend on the way on which its readings came.</summary>
public class VehicleTests
{
    private const double Limit = 130;
    private static readonly DateTimeOffset Begin = new(2026, 3, 2, 6, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Any_order_and_any_repetition_lead_to_the_same_vehicle() =>
        Gen.Select(Drive, Gen.Int[0, 1_000_000]).Sample((drive, seed) =>
        {
            var random = new Random(seed);
            var shuffled = drive.Concat(drive.Where(_ => random.Next(3) == 0)).OrderBy(_ => random.Next()).ToList();
            return Same(Fold(drive), Fold(shuffled));
        });

    [Fact]
    public void What_is_kept_is_what_was_known() => Drive.Sample(drive =>
    {
        var vehicle = Fold(drive);
        return Same(vehicle, JsonSerializer.Deserialize<Vehicle>(JsonSerializer.Serialize(vehicle, JsonSerializerOptions.Web), JsonSerializerOptions.Web)!);
    });

    [Fact]
    public void The_position_is_the_latest_by_the_devices_clock_not_by_arrival()
    {
        var vehicle = Fold([Reading(2, 60), Reading(1, 30)]);

        Assert.Equal(2, vehicle.Last.Sequence);
        Assert.Equal(1, vehicle.Late);
    }

    [Fact]
    public void Of_two_readings_with_the_same_time_the_later_made_counts() => Assert.Equal(6, Fold([Reading(6, 30), Reading(5, 30)]).Last.Sequence);

    [Fact]
    public void A_trip_has_its_ends_its_way_and_its_top_speed_whatever_comes_first()
    {
        var trip = Assert.Single(Fold([Reading(3, 90, 150, ignition: false), Reading(1, 30, 80), Reading(2, 60, 140)]).Trips);

        Assert.Equal((Begin.AddSeconds(30), Begin.AddSeconds(90)), (trip.StartedAt, trip.EndedAt));
        Assert.Equal(60.0 / 3600 * 100, trip.Distance, 6);
        Assert.Equal((150.0, Begin.AddSeconds(60)), (trip.TopSpeed, trip.SpeedingAt));
    }

    [Fact]
    public void A_parked_vehicle_does_not_end_its_trip_again() =>
        Assert.Equal(Begin.AddSeconds(60), Fold([Reading(1, 30), Reading(2, 60, ignition: false), Reading(3, 660, ignition: false)]).Trips[0].EndedAt);

    [Fact]
    public void Only_the_latest_trips_are_kept() =>
        Assert.Equal(Enumerable.Range(6, 20).Reverse(), Fold([.. Enumerable.Range(1, 25).Select(trip => Reading(trip, 30 * trip, trip: trip))]).Trips.Select(trip => trip.Number));

    [Fact]
    public void A_device_that_counts_anew_later_is_a_new_device_and_not_a_very_late_reading()
    {
        var vehicle = Fold([Reading(500, 30), Reading(1, 3600), Reading(2, 3630)]);

        Assert.Equal((2, 1, 3), (vehicle.Sequences.Highest, vehicle.Restarts, vehicle.Readings));
        Assert.Equal(0, Fold([Reading(500, 3600), Reading(1, 30)]).Restarts);
    }

    [Fact]
    public void A_device_is_new_also_when_the_one_before_had_not_counted_far() =>
        Assert.Equal((2, 1, 4), Of(Fold([Reading(1, 30), Reading(2, 60), Reading(1, 3600), Reading(2, 3630)])));

    [Fact]
    public void What_comes_again_from_the_device_before_a_new_one_leaves_no_gap()
    {
        List<Reading> former = [.. Enumerable.Range(1, 500).Select(sequence => Reading(sequence, 30 * sequence))];
        var vehicle = Fold([.. former, Reading(2, 90_000), .. former.TakeLast(80), Reading(1, 89_970), Reading(3, 90_030)]);

        Assert.Equal((3, 1, 503), Of(vehicle));
        Assert.Equal(0, vehicle.Sequences.Missing);
    }

    [Fact]
    public void A_reading_ends_a_silence()
    {
        var silent = Fold([Reading(1, 30)]) with { SilentSince = 1 };

        Assert.Null(silent.With(Reading(2, 60), Begin, Limit).SilentSince);
        Assert.Same(silent, silent.With(Reading(1, 30), Begin, Limit));
    }

    private static Gen<List<Reading>> Drive => Gen.Select(Gen.Double[0, 200], Gen.Bool, Gen.Int[0, 3]).List[1, 60].Select(steps =>
    {
        var trip = 1;
        return steps.Select((step, index) =>
        {
            trip += step.Item3 == 0 ? 1 : 0;
            return Reading(index + 1, 30 * index, step.Item1, step.Item2, trip);
        }).ToList();
    });

    private static Reading Reading(long sequence, int second, double speed = 80, bool ignition = true, int trip = 1) =>
        new(sequence, Begin.AddSeconds(second), 52.5, 13.4, speed, 1000 + (second / 3600.0 * 100), ignition, trip);

    private static Vehicle Fold(IReadOnlyList<Reading> readings) => readings.Skip(1).Aggregate(
        Vehicle.Of("v-1", Begin, readings[0], Limit), (vehicle, reading) => vehicle.With(reading, Begin, Limit));

    private static (long Highest, int Restarts, long Readings) Of(Vehicle vehicle) => (vehicle.Sequences.Highest, vehicle.Restarts, vehicle.Readings);

    private static bool Same(Vehicle one, Vehicle other)
    {
        IReadOnlyList<Trip> none = [];
        return one with { Late = 0, Trips = none } == other with { Late = 0, Trips = none } && one.Trips.SequenceEqual(other.Trips);
    }
}
