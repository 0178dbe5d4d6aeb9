using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Vehicles;

namespace Eventide.Scaling.Load.Tests.Vehicles;

/// <summary>A vehicle drives, rests and parks as its driver's day says, and talks as often as devices do.</summary>
public class VehicleTests
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);
    private static readonly Fleet OfTwoHundred = Fleet.Simulate(200, seed: 1);
    private static readonly List<List<DeviceReading>> Days = [.. OfTwoHundred.Days.Select((day, number) => Readings(number, day, TimeSpan.Zero, Day))];

    [Fact]
    public void Nobody_drives_longer_than_four_and_a_half_hours_without_a_break_of_45_minutes()
    {
        foreach (var readings in Days)
        {
            var switches = Switches(readings);
            foreach (var (on, off) in switches.Zip(switches.Skip(1)).Where(pair => pair.First.Ignition))
            {
                Assert.InRange(off.At - on.At, TimeSpan.Zero, TimeSpan.FromHours(4.5));
            }

            foreach (var (off, on) in switches.Zip(switches.Skip(1)).Where(pair => !pair.First.Ignition))
            {
                Assert.InRange(on.At - off.At, TimeSpan.FromMinutes(45), Day);
            }
        }

        Assert.Contains(Days, readings => Switches(readings).Count == 4);
    }

    [Fact]
    public void A_reading_comes_every_30_seconds_on_the_road_every_ten_minutes_parked_and_at_once_when_the_ignition_changes()
    {
        foreach (var readings in Days)
        {
            foreach (var (one, next) in readings.Zip(readings.Skip(1)))
            {
                var interval = one.Ignition ? TimeSpan.FromSeconds(30) : TimeSpan.FromMinutes(10);
                if (one.Ignition == next.Ignition)
                {
                    Assert.Equal(interval, next.At - one.At);
                }
                else
                {
                    Assert.InRange(next.At - one.At, TimeSpan.Zero, interval);
                }
            }
        }

        var changes = OfTwoHundred.Days.SelectMany(day => day.Drives).SelectMany(drive => new[] { drive.Begin, drive.End }).Select(at => TimeSpan.FromTicks(at.Ticks % Day.Ticks));
        Assert.Equal(changes.Order(), Days.SelectMany(Switches).Select(reading => reading.At).Order());
    }

    [Fact]
    public void The_sequence_has_no_gap_and_each_time_the_ignition_goes_on_is_another_trip()
    {
        foreach (var readings in Days)
        {
            Assert.Equal(Enumerable.Range(1, readings.Count).Select(number => (long)number), readings.Select(reading => reading.Sequence));
            foreach (var (one, next) in readings.Zip(readings.Skip(1)))
            {
                Assert.Equal(one.Trip + (!one.Ignition && next.Ignition ? 1 : 0), next.Trip);
            }
        }
    }

    [Fact]
    public void Who_is_parked_stays_where_he_is_and_who_drives_gets_as_far_as_the_odometer_says()
    {
        foreach (var readings in Days)
        {
            foreach (var (one, next) in readings.Zip(readings.Skip(1)))
            {
                var way = Kilometres(one, next);
                Assert.Equal(next.Odometer - one.Odometer, way, 0.1);
                Assert.Equal(one.Speed * (next.At - one.At).TotalHours, way, 0.1);
                Assert.True(one.Ignition || way == 0);
                Assert.True(one.Ignition || one.Speed == 0);
                Assert.InRange(next.Speed, 0, 150);
            }
        }

        Assert.Contains(Days.SelectMany(readings => readings), reading => reading.Speed > 130);
        Assert.All(Days, readings => Assert.True(readings[^1].Odometer - readings[0].Odometer > 100));
    }

    [Fact]
    public void A_fleet_of_them_talks_as_much_as_the_model_of_the_fleet_says()
    {
        double Expected(int hour) => Enumerable.Range(hour * 3600, 3600).Sum(second => OfTwoHundred.ReadingsPerSecondAt(TimeSpan.FromSeconds(second)));
        foreach (var hour in new[] { 3, 10, 12, 15, 20 })
        {
            Assert.Equal(Expected(hour), Days.Sum(readings => readings.Count(reading => reading.At.Hours == hour)), Expected(hour) * 0.02);
        }
    }

    [Fact]
    public void As_many_are_on_the_road_as_the_model_of_the_fleet_says() => Assert.All(
        Enumerable.Range(0, 24 * 60).Select(minute => TimeSpan.FromSeconds((minute * 60) + 30.5)),
        time => Assert.InRange(OfTwoHundred.DrivingAt(time) - OfTwoHundred.Days.Count(day => day.IsDrivingAt(time)), -1, 1));

    [Fact]
    public void A_night_driver_is_on_the_road_at_midnight_and_parks_in_the_morning()
    {
        var night = Fleet.Simulate(20, seed: 1, nightShare: 1).Days;

        Assert.Contains(night, day => day.IsDrivingAt(TimeSpan.Zero) && day.IsDrivingAt(Day) && !day.IsDrivingAt(TimeSpan.FromHours(12)));
        Assert.All(night, day =>
        {
            // Change by change through two days: the ignition goes on and off in turn, and the second day is like the first.
            var changes = new List<TimeSpan>();
            for (var time = TimeSpan.FromHours(12); changes.Count < 2 * 2 * day.Drives.Count;)
            {
                changes.Add(time = day.NextChange(time));
            }

            Assert.Equal(changes.Select((_, index) => index % 2 == 0), changes.Select(day.IsDrivingAt));
            Assert.Equal(changes[..(2 * day.Drives.Count)].Select(at => at + Day), changes[(2 * day.Drives.Count)..]);
        });
    }

    private static List<DeviceReading> Readings(int number, DriverDay day, TimeSpan begin, TimeSpan duration)
    {
        var vehicle = new Vehicle(number, day, begin, new Random(number));
        var readings = new List<DeviceReading>();
        while (vehicle.NextAt < begin + duration)
        {
            readings.Add(vehicle.Read());
        }

        return readings;
    }

    /// <summary>The readings that were made because the ignition changed.</summary>
    private static List<DeviceReading> Switches(List<DeviceReading> readings) =>
        [.. readings.Zip(readings.Skip(1)).Where(pair => pair.First.Ignition != pair.Second.Ignition).Select(pair => pair.Second)];

    private static double Kilometres(DeviceReading one, DeviceReading next)
    {
        var north = (next.Latitude - one.Latitude) * 111.32;
        var east = (next.Longitude - one.Longitude) * 111.32 * Math.Cos(one.Latitude * Math.PI / 180);
        return Math.Sqrt((north * north) + (east * east));
    }
}
