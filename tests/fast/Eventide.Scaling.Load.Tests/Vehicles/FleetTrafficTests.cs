using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Tests.Support;
using Eventide.Scaling.Load.Vehicles;

namespace Eventide.Scaling.Load.Tests.Vehicles;

/// <summary>How readings travel: alone or with others, some twice, some late, none never.</summary>
public class FleetTrafficTests
{
    private static readonly LoadPlan Plan = Plans.Vehicles(100, seconds: 60) with { Devices = new DeviceHabits { DuplicateShare = 0.05, LateShare = 0.03 } };

    [Fact]
    public void Every_reading_is_sent_once_or_twice_and_none_is_left_out()
    {
        var (traffic, sent) = Send(Plan);
        var times = sent.SelectMany(transmission => transmission.Readings).CountBy(reading => (reading.Vehicle, reading.Sequence)).ToDictionary();

        Assert.Equal(traffic.Readings, times.Count);
        Assert.Equal(traffic.Duplicates, times.Values.Count(count => count == 2));
        Assert.Equal(0.05, traffic.Duplicates / (double)traffic.Readings, 0.01);
        Assert.Equal(0.03, traffic.HeldBack / (double)traffic.Readings, 0.01);
        Assert.All(times.Keys.GroupBy(key => key.Vehicle), vehicle => Assert.Equal(vehicle.Count(), vehicle.Max(key => key.Sequence)));
    }

    [Fact]
    public void A_reading_waits_five_minutes_at_most_and_then_its_gateway_ten_seconds()
    {
        var waits = Send(Plan).Sent.SelectMany(transmission => transmission.Readings.Select(reading => transmission.At - reading.At)).ToList();

        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromMinutes(5) + TimeSpan.FromSeconds(10)));
        Assert.True(waits.Count(wait => wait > TimeSpan.FromSeconds(10)) > waits.Count * 0.05);
    }

    [Fact]
    public void Some_vehicles_speak_for_themselves_and_the_others_through_the_gateway_of_their_fifty()
    {
        var (traffic, sent) = Send(Plan);

        Assert.All(sent.Where(transmission => !transmission.IsGateway), alone => Assert.Equal(traffic.Ids[Assert.Single(alone.Readings).Vehicle], alone.Sender));
        Assert.All(sent.Where(transmission => transmission.IsGateway), batch => Assert.All(
            batch.Readings, reading => Assert.Equal($"test-gateway-{reading.Vehicle / 50}", batch.Sender)));
        Assert.InRange(sent.Where(transmission => !transmission.IsGateway).Select(transmission => transmission.Sender).Distinct().Count(), 8, 35);
        Assert.True(sent.Where(transmission => transmission.IsGateway).Average(transmission => transmission.Readings.Count) > 5);
    }

    [Fact]
    public void A_gateway_of_a_whole_city_keeps_to_the_largest_batch()
    {
        var city = Plans.Vehicles(5000, seconds: 2) with { Devices = new DeviceHabits { AloneShare = 0, VehiclesPerGateway = 5000 } };
        var (traffic, sent) = Send(city);

        Assert.Equal(1000, sent.Max(transmission => transmission.Readings.Count));
        Assert.Equal(traffic.Readings + traffic.Duplicates, sent.Sum(transmission => transmission.Readings.Count));
    }

    private static (FleetTraffic Traffic, List<Transmission> Sent) Send(LoadPlan plan)
    {
        var traffic = new FleetTraffic(plan, ((FleetDemand)plan.Demands[0]).Fleet, "test", new Random(1));
        return (traffic, [.. traffic.Transmissions().Cast<Transmission>()]);
    }
}
