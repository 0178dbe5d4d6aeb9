using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Targets;
using Eventide.Scaling.Load.Vehicles;

namespace Eventide.Scaling.Load.Running;

/// <summary>
/// Sends what vehicles and gateways send. As a device does, it keeps what was not taken and sends it again a little later; what a rule refuses, or what is not taken
/// again and again, is given up. Thread-safe.
/// </summary>
internal sealed class FleetSender(ILoadTarget target, LoadClock clock, ActionSender sender, FleetTraffic traffic)
{
    private const int Tries = 5;
    private const int VehiclesAtOnce = 200;
    private static readonly TimeSpan BeforeSecondTry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(500);
    private readonly DeviceClock _devices = new(traffic.Ids, clock.DevicesMidnight);

    public ReadingLedger Ledger { get; } = new(traffic);

    public async Task SendAsync(Transmission transmission, CancellationToken cancellationToken)
    {
        var (sending, due) = (transmission.Readings, clock.DueOf(transmission.At));
        for (var attempt = 1; ; attempt++)
        {
            var kind = transmission.IsGateway ? ActionKind.SendBatch : ActionKind.SendReading;
            var readings = sending;
            var answer = await sender.SendAsync(
                kind, due, due, token => target.ReportAsync(transmission.Sender, transmission.IsGateway, readings, _devices, token), report => report.Answer, cancellationToken);
            var left = Settle(readings, answer);
            if (left.Count == 0 || attempt == Tries)
            {
                left.ForEach(Ledger.GiveUp);
                return;
            }

            sending = left;
            due = clock.Elapsed + (BeforeSecondTry * Math.Pow(2, attempt - 1));
        }
    }

    /// <summary>Asks fleet until it has counted everything that was accepted, or the patience is over.</summary>
    public async Task CompareAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        for (var end = clock.Elapsed + patience; ; await Task.Delay(BetweenQuestions, clock.Time, cancellationToken))
        {
            var counted = new List<VehicleCount>();
            var isAnswered = true;
            foreach (var ids in Ledger.Heard.Chunk(VehiclesAtOnce))
            {
                var part = await target.FindVehiclesAsync(ids, cancellationToken);
                counted.AddRange(part ?? []);
                isAnswered &= part is not null;
            }

            if (isAnswered)
            {
                Ledger.Compare(counted);
            }

            if (clock.Elapsed > end || (isAnswered && Ledger.ToResult().Lost == 0))
            {
                return;
            }
        }
    }

    /// <summary>Notes what is decided; what is left is to be sent again.</summary>
    private List<DeviceReading> Settle(IReadOnlyList<DeviceReading> readings, ReportAnswer? report)
    {
        var left = new List<DeviceReading>();
        foreach (var (index, reading) in readings.Index())
        {
            var answer = report is { } given ? AnswerTo(index, given) : new LoadAnswer(Verdict.Failed, 0);
            if (answer.Verdict == Verdict.Answered)
            {
                Ledger.Accept(reading);
            }
            else if (answer.Verdict == Verdict.Failed || answer.Status == 429)
            {
                left.Add(reading);
            }
            else
            {
                Ledger.GiveUp(reading);
            }
        }

        return left;
    }

    private static LoadAnswer AnswerTo(int index, ReportAnswer report)
    {
        var refused = report.Refused.FirstOrDefault(refused => refused.Index == index);
        return refused.Status == 0 ? report.Answer : new LoadAnswer(refused.Status >= 500 ? Verdict.Failed : Verdict.Refused, refused.Status);
    }
}
