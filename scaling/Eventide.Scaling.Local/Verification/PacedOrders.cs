using Eventide.Contracts;
using Eventide.Scaling.Demand;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Verification;

/// <summary>Places orders when a demand says so, whether or not earlier ones have been answered. Only orders that nothing speaks against.</summary>
internal sealed class PacedOrders(ShopClient shop, TimeProvider time)
{
    private const string Customer = "verify";
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Plenty = Skus();
    private readonly string _run = Guid.NewGuid().ToString("N");
    private int _next;

    /// <summary>Places one; answers its id.</summary>
    /// <exception cref="HttpRequestException">It was not accepted.</exception>
    public async Task<string> PlaceAsync(CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _next);
        var answer = await shop.PlaceAsync(
            Customer, $"{_run}-{number}", new PlaceOrder([new PlaceOrderLine(Plenty[number % Plenty.Length], 1)], "tok_visa", "DE"), cancellationToken);
        return answer.Order?.Id ?? throw new HttpRequestException($"The order was answered with {(int)answer.Status}: {answer.Problem}");
    }

    /// <summary>Places them over a time; answers their ids when all are answered.</summary>
    /// <param name="demand">Its time begins now, on the clock that is given.</param>
    public async Task<IReadOnlyList<string>> RunAsync(IDemand demand, TimeSpan length, CancellationToken cancellationToken)
    {
        var (begin, placing) = (time.GetUtcNow(), new List<Task<string>>());
        foreach (var at in Times(demand, length))
        {
            if (begin + at - time.GetUtcNow() is { Ticks: > 0 } wait)
            {
                await Task.Delay(wait, time, cancellationToken);
            }

            placing.Add(PlaceAsync(cancellationToken));
        }

        return await Task.WhenAll(placing);
    }

    /// <summary>How many of them end as confirmed within <paramref name="patience"/>, in real time.</summary>
    public async Task<int> ConfirmedAsync(IReadOnlyList<string> ids, TimeSpan patience, CancellationToken cancellationToken)
    {
        var (begin, open, confirmed) = (TimeProvider.System.GetTimestamp(), ids.ToList(), 0);
        while (open.Count > 0 && TimeProvider.System.GetElapsedTime(begin) < patience)
        {
            var order = (await shop.FindOrderAsync(Customer, open[^1], cancellationToken)).Order;
            if (order is { IsTerminal: true })
            {
                confirmed += order.State == OrderView.Confirmed ? 1 : 0;
                open.RemoveAt(open.Count - 1);
            }
            else
            {
                await Task.Delay(PollInterval, cancellationToken);
            }
        }

        return confirmed;
    }

    /// <summary>The times at which the expected number of events reaches the next whole one.</summary>
    public static IEnumerable<TimeSpan> Times(IDemand demand, TimeSpan length)
    {
        var step = TimeSpan.FromSeconds(0.25);
        var (expected, next) = (0.0, 1);
        for (var at = TimeSpan.Zero; at < length; at += step)
        {
            for (expected += demand.RateAt(at) * step.TotalSeconds; expected >= next; next++)
            {
                yield return at;
            }
        }
    }

    private static string[] Skus()
    {
        var products = ProductSeed.Load();
        var most = products.Max(product => product.Stock);
        return [.. products.Where(product => product.Stock == most).Select(product => product.Sku)];
    }
}
