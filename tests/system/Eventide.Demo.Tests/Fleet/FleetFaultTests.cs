using System.Globalization;
using Eventide.Tools.Faults;
using Eventide.Tools.Shops;

namespace Eventide.Demo.Tests.Fleet;

/// <summary>
/// Telemetry and fleet as processes, at several numbers of replicas, while readings come out of order and twice, a part of the messages is delivered twice, and
/// everything is killed in turn. The seeds are fixed; what the kills hit is not.
/// </summary>
public sealed class FleetFaultTests : IDisposable
{
    private const int Senders = 4;
    private const int VehicleReadingsPerRequest = 6;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly string _data = Directory.CreateTempSubdirectory("eventide-fleet-test-").FullName;
    private readonly CancellationTokenSource _limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

    public FleetFaultTests() => _limit.CancelAfter(Limit);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Every_accepted_reading_counts_once_whatever_is_killed_and_each_silence_is_noticed_once(int replicas)
    {
        var plan = new FleetPlan(seed: 20 + replicas);
        var count = replicas.ToString(CultureInfo.InvariantCulture);
        var runFile = PartOfRunFile.Write(_data, ["telemetry", "fleet"], new Dictionary<string, string>
        {
            ["Fleet__SilenceOnTheRoad"] = "00:00:03",

            // A replica that is not done with a part by then leaves it to another one, and the alert that it is just about comes twice: long enough for a busy machine.
            ["Fleet__SilenceCheck"] = "00:00:02",
        });
        await using var shop = await OwnShop.StartAsync(
            _data, Repository.EmbeddedComponents, ["--scale", $"telemetry={count},fleet={count}", "--duplicates", "0.2"], _limit.Token, runFile);
        using var sender = new FleetSender(shop);
        var injected = new InjectedFaults();

        await SendAsync(plan, sender, [new KillService(shop, "fleet", injected), new CrashEverything(shop, injected), new KillService(shop, "telemetry", injected)]);

        await UntilAsync(async () =>
        {
            var faults = new List<string>();
            foreach (var (vehicle, sent) in plan.Sent)
            {
                if (ExpectedVehicle.FaultOf(sent, await sender.AskAsync($"/vehicles/{vehicle}", _limit.Token), await sender.AskAsync($"/vehicles/{vehicle}/trips", _limit.Token)) is { } fault)
                {
                    faults.Add($"{vehicle}: {fault}");
                }
            }

            return faults;
        });
        await UntilAsync(async () => [.. await SpeakingAsync(plan, sender)]);

        var alerts = AlertFile.Ids(_data);
        Assert.Equal(plan.Sent.SelectMany(vehicle => ExpectedVehicle.Alerts(vehicle.Key, vehicle.Value)).Order(), alerts.Where(id => !IsSilence(id)).Distinct().Order());
        Assert.Equal(plan.OnTheRoad.Select(vehicle => $"{vehicle}.{FleetPlan.Last}.silent").Order(), alerts.Where(id => id.EndsWith($".{FleetPlan.Last}.silent", StringComparison.Ordinal)).Order());
    }

    public void Dispose()
    {
        _limit.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private static bool IsSilence(string id) => id.EndsWith(".silent", StringComparison.Ordinal);

    /// <summary>Sends everything; a fault happens in the middle of each part, and the last readings come when all are over.</summary>
    private async Task SendAsync(FleetPlan plan, FleetSender sender, IReadOnlyList<IFault> faults)
    {
        var bySender = plan.Requests(Senders, VehicleReadingsPerRequest);
        var size = bySender.Max(requests => requests.Count - 1) / faults.Count;
        foreach (var (place, fault) in faults.Index())
        {
            var range = place == faults.Count - 1 ? (place * size).. : (place * size)..((place + 1) * size);
            var (accepted, parts) = (sender.Accepted, bySender.Select(requests => requests.SkipLast(1).Take(range).ToList()).ToList());
            var sending = Task.WhenAll(parts.Select(async requests =>
            {
                foreach (var request in requests)
                {
                    await sender.SendAsync(request, _limit.Token);
                }
            }));
            await UntilAsync(() => Task.FromResult<IReadOnlyList<string>>(sender.Accepted > accepted + Senders || sending.IsCompleted ? [] : ["nothing is accepted"]));
            await fault.InjectAsync(_limit.Token);
            await sending;
        }

        await Task.WhenAll(bySender.Select(requests => sender.SendAsync(requests[^1], _limit.Token)));
    }

    private async Task<IReadOnlyList<string>> SpeakingAsync(FleetPlan plan, FleetSender sender)
    {
        var road = plan.OnTheRoad.ToHashSet();
        var vehicles = await sender.AskAsync($"/vehicles?ids={string.Join(',', plan.Sent.Keys)}", _limit.Token);
        return vehicles is not { } said ? ["fleet does not answer"] :
        [
            .. said.EnumerateArray().Where(vehicle => vehicle.GetProperty("isSilent").GetBoolean() != road.Contains(vehicle.GetProperty("id").GetString()!)).Select(vehicle => $"{vehicle}"),
        ];
    }

    private async Task UntilAsync(Func<Task<IReadOnlyList<string>>> faults)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (await faults() is { Count: > 0 } left)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < TimeSpan.FromSeconds(60), string.Join('\n', left));
            await Task.Delay(Pause, _limit.Token);
        }
    }
}
