using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;

namespace Eventide.Scaling.Load.Tests.Support;

/// <summary>A shop that answers after ten milliseconds of its world, confirms every order and counts every reading, unless a test says otherwise.</summary>
internal sealed class FakeShop(VirtualWorld world) : ILoadTarget
{
    public static readonly LoadAnswer Ok = new(Verdict.Answered, 200);
    public static readonly LoadAnswer NotFound = new(Verdict.Refused, 404);
    public static readonly LoadAnswer NoAnswer = new(Verdict.Failed, 0);
    public static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(10);
    private readonly Dictionary<string, HashSet<long>> _counted = [];
    private readonly HashSet<string> _orders = [];
    private int _working;

    /// <summary>How long an answer takes to a request that comes at this time.</summary>
    public Func<TimeSpan, TimeSpan> Delay { get; set; } = _ => Usual;

    public Func<Purchase, LoadAnswer> Place { get; set; } = _ => Ok;

    public Func<string, OrderLook> Look { get; set; } = _ => new OrderLook(Ok, OrderEnd.Confirmed);

    public Func<IReadOnlyList<DeviceReading>, ReportAnswer> Report { get; set; } = _ => new ReportAnswer(Ok, []);

    /// <summary>Whether fleet counts a reading that telemetry has taken.</summary>
    public Func<DeviceReading, bool> Counts { get; set; } = _ => true;

    /// <summary>The most requests that it has had at a time.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>Readings with the times that their devices told.</summary>
    public List<(string Sender, DateTimeOffset At, DeviceReading Reading)> Readings { get; } = [];

    public int Browsed { get; private set; }

    public List<string> Steps { get; } = [];

    public IReadOnlyCollection<string> Orders => _orders;

    public async Task<LoadAnswer> BrowseAsync(string path, CancellationToken cancellationToken)
    {
        Browsed++;
        await WorkAsync(cancellationToken);
        return Ok;
    }

    public async Task<LoadAnswer> PutInBasketAsync(string customer, BasketStep step, CancellationToken cancellationToken)
    {
        Steps.Add($"{step.Quantity} x {step.Sku}");
        await WorkAsync(cancellationToken);
        return Ok;
    }

    public async Task<LoadAnswer> PlaceOrderAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        Steps.Add("order");
        await WorkAsync(cancellationToken);
        _orders.Add(purchase.Key);
        return Place(purchase);
    }

    public async Task<OrderLook> FindOrderAsync(string customer, string orderId, CancellationToken cancellationToken)
    {
        await WorkAsync(cancellationToken);
        return Look(orderId);
    }

    public async Task<ReportAnswer> ReportAsync(
        string sender, bool isGateway, IReadOnlyList<DeviceReading> readings, DeviceClock clock, CancellationToken cancellationToken)
    {
        await WorkAsync(cancellationToken);
        var answer = Report(readings);
        foreach (var (index, reading) in readings.Index())
        {
            if (answer.Answer.Verdict == Verdict.Answered && answer.Refused.All(refused => refused.Index != index))
            {
                Readings.Add((sender, clock.Midnight + reading.At, reading));
                if (Counts(reading))
                {
                    (_counted.TryGetValue(clock.Ids[reading.Vehicle], out var counted) ? counted : _counted[clock.Ids[reading.Vehicle]] = []).Add(reading.Sequence);
                }
            }
        }

        return answer;
    }

    public Task<IReadOnlyList<VehicleCount>?> FindVehiclesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<VehicleCount>?>(
        [.. ids.Where(_counted.ContainsKey).Select(id => new VehicleCount(id, _counted[id].Count, _counted[id].Max() - _counted[id].Min() + 1 - _counted[id].Count, 0))]);

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        MostAtOnce = Math.Max(MostAtOnce, ++_working);
        await world.DelayAsync(Delay(world.Elapsed), cancellationToken);
        _working--;
    }
}
