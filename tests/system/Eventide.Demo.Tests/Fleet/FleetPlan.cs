using Eventide.Contracts;

namespace Eventide.Demo.Tests.Fleet;

/// <summary>
/// What vehicles say and how it comes: some readings never, some twice, all of them out of order, but none more than half a window late. Half of the vehicles are
/// parked in the end, the others are on the road.
/// </summary>
internal sealed class FleetPlan
{
    /// <summary>The last reading of every vehicle; it always comes.</summary>
    public const int Last = 120;

    private const int Vehicles = 40;
    private const int ReadingsPerTrip = 60;
    private const int Block = 24;
    private const double Lost = 0.05;
    private const double Repeated = 0.2;
    private static readonly DateTimeOffset Begin = DateTimeOffset.UtcNow.AddHours(-2);
    private readonly Random _random;

    public FleetPlan(int seed)
    {
        _random = new Random(seed);
        Sent = Enumerable.Range(1, Vehicles).ToDictionary(
            vehicle => $"van-{vehicle:00}",
            vehicle => (IReadOnlyList<Reading>)[.. Enumerable.Range(1, Last).Where(sequence => sequence is 1 or Last || _random.NextDouble() >= Lost).Select(sequence => At(vehicle, sequence))]);
    }

    /// <summary>What is sent of each vehicle, once each and in order.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Reading>> Sent { get; }

    /// <summary>The vehicles that are on the road in the end, and silent afterwards.</summary>
    public IEnumerable<string> OnTheRoad => Sent.Where(vehicle => vehicle.Value[^1].Ignition).Select(vehicle => vehicle.Key);

    /// <summary>
    /// The requests of each sender, one after the other: a vehicle has one sender, so that a request which has to wait for telemetry holds up the later ones. The last
    /// request has the last readings.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<IReadOnlyList<(string Vehicle, Reading Reading)>>> Requests(int senders, int vehicleReadingsPerRequest) =>
        [.. Sent.Keys.Order(StringComparer.Ordinal).Index().GroupBy(vehicle => vehicle.Index % senders, vehicle => vehicle.Item).Select(own => Requests([.. own], vehicleReadingsPerRequest))];

    private List<IReadOnlyList<(string Vehicle, Reading Reading)>> Requests(string[] vehicles, int size)
    {
        var byVehicle = vehicles.ToDictionary(vehicle => vehicle, vehicle => Disorder(Sent[vehicle]).Chunk(size).ToList());
        return
        [
            .. Enumerable.Range(0, byVehicle.Values.Max(chunks => chunks.Count)).Select(IReadOnlyList<(string, Reading)> (place) =>
                [.. byVehicle.Where(vehicle => place < vehicle.Value.Count).SelectMany(vehicle => vehicle.Value[place].Select(reading => (vehicle.Key, reading)))]),
            [.. vehicles.Select(vehicle => (vehicle, Sent[vehicle][^1]))],
        ];
    }

    private IEnumerable<Reading> Disorder(IReadOnlyList<Reading> readings) =>
        readings.SkipLast(1).Chunk(Block).SelectMany(block => block.Concat(block.Where(_ => _random.NextDouble() < Repeated)).OrderBy(_ => _random.Next()));

    private static Reading At(int vehicle, int sequence) => new(
        sequence, Begin.AddSeconds(30 * sequence), 52.5 + (0.001 * sequence), 13.4, sequence == vehicle * 2 ? 140 + vehicle : 60 + (sequence % 40), 1000 + (0.5 * sequence),
        Ignition: sequence != ReadingsPerTrip && (sequence != Last || vehicle % 2 == 1), Trip: 1 + ((sequence - 1) / ReadingsPerTrip));
}
