using System.Diagnostics;
using System.Globalization;
using Eventide.Benchmarks.Measuring;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Fleets;

/// <summary>
/// Telemetry, and fleet when it is wanted, as processes over one data folder, with gateways before them. Disposing ends the processes; a later one over the same folder
/// goes on with what is there.
/// </summary>
internal sealed class FleetBench : IAsyncDisposable
{
    /// <summary>So many requests are under way at a time.</summary>
    public const int Gateways = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly OwnShop _shop;
    private readonly IReadOnlyList<Gateway> _gateways;

    private FleetBench(OwnShop shop, IReadOnlyList<VehicleFeed> feeds)
    {
        _shop = shop;
        Processes = new FleetProcesses(shop.State!);
        _gateways = [.. feeds.Select(feed => new Gateway(Address("telemetry"), feed))];
        Backlog = new Backlog(Path.Combine(shop.Data, "data", "pubsub.db"));
    }

    public FleetProcesses Processes { get; }

    public Backlog Backlog { get; }

    /// <param name="appIds">Telemetry, and fleet or not.</param>
    /// <param name="feeds">One for each gateway.</param>
    public static async Task<FleetBench> StartAsync(
        string data, string[] appIds, IReadOnlyList<string> resources, IReadOnlyList<VehicleFeed> feeds, CancellationToken cancellationToken)
    {
        // Few vehicles stand for many here, so each says more than one may.
        var runFile = PartOfRunFile.Write(data, appIds, new Dictionary<string, string>
        {
            ["Telemetry__ReadingsPerSecond"] = "100000",
            ["Telemetry__Burst"] = "1000000",
        });
        return new FleetBench(await OwnShop.StartAsync(data, resources, [], cancellationToken, runFile), feeds);
    }

    /// <summary>Sends the days before of every vehicle.</summary>
    public Task SendHistoryAsync(CancellationToken cancellationToken) => Task.WhenAll(_gateways.Select(gateway => gateway.SendHistoryAsync(cancellationToken)));

    /// <summary>Sends readings as fast as they are accepted; gives how many there were, up to a round of every vehicle more than asked for.</summary>
    /// <param name="mostAhead">So far behind may fleet be before the gateways pause.</param>
    public async Task<int> SendAsync(int readings, long mostAhead, CancellationToken cancellationToken)
    {
        var (left, sent, isAhead) = (readings, 0, false);
        async Task SendAllAsync(Gateway gateway)
        {
            while (Volatile.Read(ref left) > 0)
            {
                if (Volatile.Read(ref isAhead))
                {
                    await Task.Delay(Pause, cancellationToken);
                    continue;
                }

                var accepted = await gateway.SendAsync(cancellationToken);
                Interlocked.Add(ref left, -accepted);
                Interlocked.Add(ref sent, accepted);
            }
        }

        var sending = Task.WhenAll(_gateways.Select(SendAllAsync));
        while (mostAhead < long.MaxValue && !sending.IsCompleted)
        {
            Volatile.Write(ref isAhead, Backlog.Distance > mostAhead);
            await Task.WhenAny(sending, Task.Delay(Pause, cancellationToken));
        }

        await sending;
        return sent;
    }

    /// <summary>Waits until fleet is no further behind than so many messages.</summary>
    /// <exception cref="TimeoutException">Fleet did nothing for a minute.</exception>
    public async Task WaitAsync(long backlog, CancellationToken cancellationToken)
    {
        var (least, since) = (long.MaxValue, Stopwatch.GetTimestamp());
        while (Backlog.Distance is var left && left > backlog)
        {
            if (left < least)
            {
                (least, since) = (left, Stopwatch.GetTimestamp());
            }
            else if (Stopwatch.GetElapsedTime(since) > TimeSpan.FromMinutes(1))
            {
                throw new TimeoutException($"Fleet has not read any of {left} messages for a minute; see the logs below {_shop.Data}.");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Compares what fleet says of every vehicle with what was sent.</summary>
    /// <exception cref="InvalidOperationException">A reading is missing, or one was counted twice.</exception>
    public async Task VerifyAsync(IEnumerable<VehicleFeed> feeds, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = Address("fleet") };
        foreach (var feed in feeds)
        {
            await FleetVerification.VerifyAsync(http, feed.Ids, feed.Rounds, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Backlog.Dispose();
        foreach (var gateway in _gateways)
        {
            gateway.Dispose();
        }

        await _shop.DisposeAsync();
    }

    private Uri Address(string appId) => new(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{_shop.State!.Find(appId)!.AppPort}"));
}
