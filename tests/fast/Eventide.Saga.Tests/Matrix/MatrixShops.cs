using System.Collections.Concurrent;
using Eventide.Contracts;
using Eventide.Saga.Tests.Checks;
using Eventide.Saga.Tests.Hosting;

namespace Eventide.Saga.Tests.Matrix;

/// <summary>
/// Two shops for all cells: in one, the saga waits for every answer; in the other it gives up soon. All orders are on their way at the same time, so the cells
/// are concurrent traffic for each other.
/// </summary>
public abstract class MatrixShops(ShopShape shape) : IAsyncLifetime
{
    internal static readonly TimeSpan RepeatAfter = TimeSpan.FromSeconds(2);
    private const int OrdersAtATime = 32;
    private readonly ConcurrentDictionary<string, Task> _runs = new();
    private readonly SemaphoreSlim _atATime = new(OrdersAtATime);
    private Shop? _patient;
    private Shop? _impatient;

    internal IEnumerable<Shop> Shops => [_patient!, _impatient!];

    internal Shop Patient => _patient!;

    public async ValueTask InitializeAsync()
    {
        var shops = await Task.WhenAll(
            Shop.StartAsync(shape, RepeatAfter, RepeatAfter * 20), Shop.StartAsync(shape, TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(1.6)));
        (_patient, _impatient) = (shops[0], shops[1]);
        foreach (var cell in Cell.All)
        {
            _ = ResultOfAsync(cell);
        }

        foreach (var seed in RandomOrder.Seeds)
        {
            _ = ResultOfAsync(new RandomOrder(seed));
        }
    }

    /// <summary>Completes when the order of the cell has ended well.</summary>
    internal Task ResultOfAsync(Cell cell) => RunAsync(cell.Key, async () =>
    {
        var shop = cell.IsImpatient ? _impatient! : _patient!;
        cell.Prepare(shop);
        await shop.PlaceAsync(cell.Key, cell.Request);
        var check = new OrderCheck(shop, cell.Key);
        var order = await check.EndedWellAsync();
        Assert.Equal(cell.End, order.State);
        Assert.True(cell.Reason is null || order.Reason == cell.Reason, $"{cell.Key}: cancelled because \"{order.Reason}\", not \"{cell.Reason}\"");
        await check.ReplayChangesNothingAsync();
    });

    /// <summary>Completes when the order has ended well.</summary>
    internal Task ResultOfAsync(RandomOrder random) => RunAsync(random.Key, async () =>
    {
        random.Prepare(_patient!);
        await _patient!.PlaceAsync(random.Key, random.Request);
        var check = new OrderCheck(_patient!, random.Key);
        await check.EndedWellAsync();
        await check.ReplayChangesNothingAsync();
    });

    /// <summary>Completes when no order is on its way any more, however it ended.</summary>
    internal Task AllEndedAsync() => Task.WhenAll(_runs.Values).ContinueWith(_ => { }, TaskScheduler.Default);

    public async ValueTask DisposeAsync()
    {
        await AllEndedAsync();
        foreach (var shop in Shops)
        {
            await shop.DisposeAsync();
        }
    }

    private Task RunAsync(string key, Func<Task> run) => _runs.GetOrAdd(key, _ => Task.Run(async () =>
    {
        await _atATime.WaitAsync();
        try
        {
            await run();
        }
        finally
        {
            _atATime.Release();
        }
    }));
}

/// <inheritdoc/>
public sealed class MatrixServices() : MatrixShops(ShopShape.Services);

/// <inheritdoc/>
public sealed class MatrixMonolith() : MatrixShops(ShopShape.Monolith);
