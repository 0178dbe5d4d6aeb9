using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;
using Eventide.Scaling.Load.Vehicles;

namespace Eventide.Scaling.Load.Running;

/// <summary>What telemetry has accepted, each reading once, and what fleet has counted of it. Thread-safe.</summary>
internal sealed class ReadingLedger(FleetTraffic traffic)
{
    private const int NamedVehicles = 20;
    private readonly SequenceSet[] _accepted = [.. traffic.Ids.Select(_ => new SequenceSet())];
    private readonly SequenceSet[] _unsent = [.. traffic.Ids.Select(_ => new SequenceSet())];
    private IReadOnlyDictionary<string, VehicleCount>? _counted;

    /// <summary>The ids of vehicles of which something was accepted.</summary>
    public IReadOnlyList<string> Heard => [.. traffic.Ids.Where((_, number) => CountOf(_accepted[number]) > 0)];

    public void Accept(DeviceReading reading) => Add(_accepted, reading);

    /// <summary>It is given up.</summary>
    public void GiveUp(DeviceReading reading) => Add(_unsent, reading);

    /// <summary>Takes in what fleet has counted; the last call counts.</summary>
    public void Compare(IEnumerable<VehicleCount> counted) => Volatile.Write(ref _counted, counted.ToDictionary(vehicle => vehicle.Id, StringComparer.Ordinal));

    public FleetResult ToResult()
    {
        var counted = Volatile.Read(ref _counted);
        var lost = traffic.Ids.Select((id, number) =>
            (Id: id, Lost: counted is null ? 0 : Math.Max(0, CountOf(_accepted[number]) - (counted.GetValueOrDefault(id)?.Readings ?? 0)))).Where(vehicle => vehicle.Lost > 0).ToList();
        return new FleetResult(
            traffic.Ids.Count, traffic.Readings, _accepted.Sum(CountOf), Unsent(), traffic.Duplicates, traffic.HeldBack, counted?.Values.Sum(vehicle => vehicle.Readings),
            lost.Sum(vehicle => vehicle.Lost), counted?.Values.Sum(vehicle => vehicle.Missing), counted?.Values.Sum(vehicle => vehicle.Late),
            [.. lost.Take(NamedVehicles).Select(vehicle => vehicle.Id)]);
    }

    // A reading that was given up may have been accepted the other time that it was sent.
    private long Unsent() => _unsent.Zip(_accepted).Sum(vehicle =>
    {
        lock (vehicle.First)
        {
            lock (vehicle.Second)
            {
                return vehicle.First.Count - vehicle.First.CountIn(vehicle.Second);
            }
        }
    });

    private static void Add(SequenceSet[] sets, DeviceReading reading)
    {
        var set = sets[reading.Vehicle];
        lock (set)
        {
            set.Add(reading.Sequence);
        }
    }

    private static long CountOf(SequenceSet set)
    {
        lock (set)
        {
            return set.Count;
        }
    }
}
