using System.Diagnostics;
using System.Threading.Channels;
using Eventide.Benchmarks.Measuring;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>
/// Places orders that nothing speaks against, and learns of their end by asking for the oldest ones only: asking for all of them all the time would be a load of its
/// own.
/// </summary>
internal sealed class SagaDriver(ShopClient shop)
{
    private const int Placers = 16;
    private const int Followers = 4;
    private const int Customers = 1000;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private int _placed;

    /// <summary>Places one order; returns its id and customer.</summary>
    /// <exception cref="InvalidOperationException">It was not accepted.</exception>
    public async Task<(string Id, string Customer)> PlaceAsync(CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _placed);

        // Two of the 59 products that there is plenty of, so that orders contend for stock as customers' do.
        var lines = new[] { new PlaceOrderLine(Sku(number * 7), 1), new PlaceOrderLine(Sku((number * 7) + 3), 2) };

        // One customer with all these orders would only measure how hard they pull at one cart.
        var customer = $"bench-{number % Customers}";
        var answer = await shop.PlaceAsync(customer, Guid.NewGuid().ToString(), new PlaceOrder(lines, "tok_visa", "DE"), cancellationToken);
        return answer.Order is { } order ? (order.Id, customer) : throw new InvalidOperationException($"The shop answered {(int)answer.Status}: {answer.Problem}");
    }

    /// <summary>Brings orders through the saga and returns how long each took.</summary>
    /// <exception cref="InvalidOperationException">An order was refused or did not end confirmed.</exception>
    public async Task<LatencyRecorder> RunAsync(int orders, int inFlight, CancellationToken cancellationToken)
    {
        var latencies = new LatencyRecorder(orders);
        using var slots = new SemaphoreSlim(inFlight);
        var open = Channel.CreateUnbounded<((string Id, string Customer) Order, long Start)>();
        var remaining = orders;
        async Task PlaceAllAsync()
        {
            while (Interlocked.Decrement(ref remaining) >= 0)
            {
                await slots.WaitAsync(cancellationToken);
                var start = Stopwatch.GetTimestamp();
                open.Writer.TryWrite((await PlaceAsync(cancellationToken), start));
            }
        }

        async Task FollowAllAsync()
        {
            await foreach (var (order, start) in open.Reader.ReadAllAsync(cancellationToken))
            {
                await FollowAsync(order.Id, order.Customer, cancellationToken);
                latencies.Record(Stopwatch.GetTimestamp() - start);
                slots.Release();
            }
        }

        var following = Task.WhenAll(Enumerable.Range(0, Followers).Select(_ => FollowAllAsync()));
        await Task.WhenAll(Enumerable.Range(0, Placers).Select(_ => PlaceAllAsync()));
        open.Writer.Complete();
        await following;
        return latencies;
    }

    private async Task FollowAsync(string id, string customer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await shop.FindOrderAsync(customer, id, cancellationToken);
            switch (answer.Order)
            {
                case { State: OrderView.Confirmed }:
                    return;
                case { IsTerminal: false }:
                    await Task.Delay(PollInterval, cancellationToken);
                    break;
                default:
                    throw new InvalidOperationException($"Order {id} is {answer.Order?.State ?? answer.Problem}, with reason {answer.Order?.Reason}.");
            }
        }
    }

    private static string Sku(int number) => $"SKU-{(number % 59) + 1:000}";
}
