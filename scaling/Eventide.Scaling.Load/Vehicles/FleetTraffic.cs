using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Schedule;

namespace Eventide.Scaling.Load.Vehicles;

/// <summary>
/// What the vehicles of a plan send and when: each reading as soon as it is made, except that gateways collect for a moment, some readings wait in their device while
/// newer ones are sent, and some are sent twice. For one reader.
/// </summary>
internal sealed class FleetTraffic
{
    // As many as telemetry takes at once.
    private const int LargestBatch = 1000;
    private readonly LoadPlan _plan;
    private readonly Random _random;
    private readonly Vehicle[] _vehicles;
    private readonly string[] _ids;
    private readonly int?[] _gateways;
    private readonly List<DeviceReading>[] _collected;
    private readonly string _runId;
    private readonly PriorityQueue<Due, (TimeSpan At, long Order)> _due = new();
    private long _order;

    public FleetTraffic(LoadPlan plan, Fleet fleet, string runId, Random random)
    {
        (_plan, _random, _runId) = (plan, random, runId);
        var vehicles = Math.Max(1, (int)Math.Round(fleet.Vehicles * plan.VolumeScale));

        // A scale above one is more vehicles with the same drivers' days.
        _vehicles = [.. Enumerable.Range(0, vehicles).Select(number => new Vehicle(number, fleet.Days[number % fleet.Vehicles], plan.Begin, new Random(random.Next())))];
        _ids = [.. Enumerable.Range(0, vehicles).Select(number => $"{runId}-vehicle-{number}")];
        _gateways = [.. Enumerable.Range(0, vehicles).Select(number => random.NextDouble() < plan.Devices.AloneShare ? (int?)null : number / plan.Devices.VehiclesPerGateway)];
        _collected = [.. Enumerable.Range(0, (vehicles / plan.Devices.VehiclesPerGateway) + 1).Select(_ => new List<DeviceReading>())];
    }

    /// <summary>The id of each vehicle, by its number.</summary>
    public IReadOnlyList<string> Ids => _ids;

    /// <summary>Readings that were made so far.</summary>
    public long Readings { get; private set; }

    /// <summary>How many of them were held back.</summary>
    public long HeldBack { get; private set; }

    /// <summary>How many of them are sent twice.</summary>
    public long Duplicates { get; private set; }

    /// <summary>In the order of their times; to be read once.</summary>
    public IEnumerable<LoadItem> Transmissions()
    {
        var end = _plan.Begin + _plan.Duration;
        foreach (var (number, vehicle) in _vehicles.Index())
        {
            Enqueue(Due.Vehicle(number), vehicle.NextAt, end);
        }

        while (_due.TryDequeue(out var due, out var priority))
        {
            var ready = due switch
            {
                { Reading: { } held } => held,
                { Number: var number } when due.IsVehicle => Read(number, end),
                _ => null,
            };
            if (ready is { } reading)
            {
                if (_gateways[reading.Vehicle] is not { } gateway)
                {
                    yield return new Transmission(priority.At, _ids[reading.Vehicle], IsGateway: false, [reading]);
                }
                else
                {
                    Collect(gateway, reading, priority.At);
                }
            }
            else if (!due.IsVehicle)
            {
                foreach (var batch in Take(due.Number).Chunk(LargestBatch))
                {
                    yield return new Transmission(priority.At, $"{_runId}-gateway-{due.Number}", IsGateway: true, batch);
                }
            }
        }
    }

    /// <summary>The next reading of a vehicle; null when it is held back.</summary>
    private DeviceReading? Read(int number, TimeSpan end)
    {
        var vehicle = _vehicles[number];
        var reading = vehicle.Read();
        Readings++;
        Enqueue(Due.Vehicle(number), vehicle.NextAt, end);
        var fate = _random.NextDouble();
        var isHeld = fate < _plan.Devices.LateShare;
        var isDoubled = !isHeld && fate < _plan.Devices.LateShare + _plan.Devices.DuplicateShare;
        if (isHeld || isDoubled)
        {
            var later = reading.At + (_plan.Devices.LongestDelay * _random.NextDouble());
            _due.Enqueue(Due.Held(reading), (later < end ? later : end, _order++));
            HeldBack += isHeld ? 1 : 0;
            Duplicates += isDoubled ? 1 : 0;
        }

        return isHeld ? null : reading;
    }

    private void Collect(int gateway, DeviceReading reading, TimeSpan at)
    {
        if (_collected[gateway].Count == 0)
        {
            _due.Enqueue(Due.Gateway(gateway), (at + _plan.Devices.GatewayInterval, _order++));
        }

        _collected[gateway].Add(reading);
    }

    private List<DeviceReading> Take(int gateway)
    {
        var collected = _collected[gateway];
        _collected[gateway] = [];
        return collected;
    }

    private void Enqueue(Due due, TimeSpan at, TimeSpan end)
    {
        if (at < end)
        {
            _due.Enqueue(due, (at, _order++));
        }
    }

    /// <summary>A vehicle that makes a reading, a reading that was held back, or a gateway that sends.</summary>
    private readonly record struct Due(bool IsVehicle, int Number, DeviceReading? Reading)
    {
        public static Due Vehicle(int number) => new(true, number, null);

        public static Due Held(DeviceReading reading) => new(false, reading.Vehicle, reading);

        public static Due Gateway(int number) => new(false, number, null);
    }
}
