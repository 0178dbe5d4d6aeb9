using System.Diagnostics;
using System.Globalization;
using Eventide.Benchmarks.Fleets;
using Eventide.Benchmarks.Measuring;
using Eventide.Scaling.Shop;
using Eventide.Tools.Shops;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>What a reading takes in telemetry, in fleet and in their sidecars, when gateways of fifty vehicles each send them, four at a time.</summary>
internal static class MeasuredFleet
{
    private const int Gateways = 80;
    private const int GatewaysAtOnce = 4;
    private const int VehiclesPerGateway = 50;
    private const int WarmUpRounds = 5;
    private const int Rounds = 15;
    private const int SingleRounds = 50;

    private static readonly TimeSpan SeldomPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ShortPause = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="idle">What both take when nothing happens, in thousandths of a core.</param>
    /// <exception cref="InvalidOperationException">A reading was not accepted.</exception>
    /// <exception cref="TimeoutException">Fleet has not counted each exactly once in time.</exception>
    public static async Task<FleetMeasurement> MeasureAsync(
        RunState shop, ShopProcesses processes, IReadOnlyDictionary<string, Used> idle, CancellationToken cancellationToken)
    {
        VehicleFeed[] feeds = [.. Enumerable.Range(0, Gateways).Select(gateway => new VehicleFeed(gateway, VehiclesPerGateway))];
        Gateway[] gateways = [.. feeds.Select(feed => new Gateway(Address(shop, FleetScenarios.Telemetry), feed))];
        using var fleet = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address(shop, FleetScenarios.Fleet) };
        try
        {
            AnsiConsole.MarkupLineInterpolated($"[grey]{Gateways * VehiclesPerGateway} vehicles with trips behind them[/]");
            await InTurnAsync(gateways, gateway => gateway.SendHistoryAsync(cancellationToken), cancellationToken);
            await SendAsync(gateways, WarmUpRounds, cancellationToken);
            await CountedAsync(fleet, feeds, SeldomPause, cancellationToken);

            AnsiConsole.MarkupLineInterpolated($"[grey]{Gateways * VehiclesPerGateway * Rounds} readings, {VehiclesPerGateway} in a request[/]");
            var (start, before) = (Stopwatch.GetTimestamp(), processes.ProcessorMicroseconds());
            await SendAsync(gateways, Rounds, cancellationToken);

            // Asking takes processor time of fleet: as long as that counts, seldom, and only for those that were sent last.
            await CountedAsync(fleet, feeds[^GatewaysAtOnce..], SeldomPause, cancellationToken);
            var (after, seconds) = (processes.ProcessorMicroseconds(), Stopwatch.GetElapsedTime(start).TotalSeconds);
            await CountedAsync(fleet, feeds, SeldomPause, cancellationToken);

            var (request, applied) = await SingleAsync(gateways[0], feeds[0], fleet, cancellationToken);
            Used PerReading(string app) => new(
                Milliseconds(after[app].App - before[app].App, idle[app].App, seconds), Milliseconds(after[app].Sidecar - before[app].Sidecar, idle[app].Sidecar, seconds));
            var (telemetry, counting) = (PerReading(FleetScenarios.Telemetry), PerReading(FleetScenarios.Fleet));
            return new FleetMeasurement(
                VehiclesPerGateway, Round(telemetry.App), Round(telemetry.Sidecar), Round(counting.App), Round(counting.Sidecar), Round(request), Round(applied));
        }
        finally
        {
            Array.ForEach(gateways, gateway => gateway.Dispose());
        }
    }

    /// <summary>One request after the other, each when the readings of the last are counted: the medians of both parts, in milliseconds.</summary>
    private static async Task<(double Request, double Applied)> SingleAsync(Gateway gateway, VehicleFeed feed, HttpClient fleet, CancellationToken cancellationToken)
    {
        var (requests, applications) = (new LatencyRecorder(SingleRounds), new LatencyRecorder(SingleRounds));
        for (var round = 0; round < SingleRounds; round++)
        {
            var start = Stopwatch.GetTimestamp();
            await gateway.SendAsync(cancellationToken);
            var answered = Stopwatch.GetTimestamp();
            await CountedAsync(fleet, [feed], ShortPause, cancellationToken);
            requests.Record(answered - start);
            applications.Record(Stopwatch.GetTimestamp() - answered);
        }

        return (requests.ToPercentiles().P50, applications.ToPercentiles().P50);
    }

    private static async Task SendAsync(IReadOnlyList<Gateway> gateways, int rounds, CancellationToken cancellationToken)
    {
        for (var round = 0; round < rounds; round++)
        {
            await InTurnAsync(gateways, gateway => gateway.SendAsync(cancellationToken), cancellationToken);
        }
    }

    private static Task InTurnAsync(IEnumerable<Gateway> gateways, Func<Gateway, Task> send, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        gateways, new ParallelOptions { MaxDegreeOfParallelism = GatewaysAtOnce, CancellationToken = cancellationToken }, async (gateway, _) => await send(gateway));

    /// <summary>Waits until fleet has counted everything that was sent.</summary>
    private static async Task CountedAsync(HttpClient fleet, IReadOnlyList<VehicleFeed> feeds, TimeSpan pause, CancellationToken cancellationToken)
    {
        for (var start = Stopwatch.GetTimestamp(); ; await Task.Delay(pause, cancellationToken))
        {
            try
            {
                foreach (var feed in feeds)
                {
                    await FleetVerification.VerifyAsync(fleet, feed.Ids, feed.Rounds, cancellationToken);
                }

                return;
            }
            catch (InvalidOperationException failure) when (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Not counted within {Patience.TotalMinutes} minutes: {failure.Message}", failure);
            }
            catch (InvalidOperationException)
            {
                // Not yet.
            }
        }
    }

    private static double Milliseconds(double microseconds, double idle, double seconds) =>
        Math.Max(0, (microseconds - (idle * 1000 * seconds)) / 1000) / (Gateways * VehiclesPerGateway * Rounds);

    private static Uri Address(RunState shop, string appId) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{shop.Find(appId)!.AppPort}"));

    private static double Round(double value) => Math.Round(value, 4);
}
