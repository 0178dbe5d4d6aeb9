using Eventide.Contracts;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Evidence;

/// <summary>Gathers what the services say, from their addresses alone.</summary>
internal sealed class EvidenceReader(ShopClient shop, IReadOnlySet<string> apps, TimeSpan longestUnrest)
{
    private const int Concurrency = 16;
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Patient = TimeSpan.FromSeconds(30);

    /// <summary>The stock of every SKU.</summary>
    public Task<IReadOnlyList<StockView>> StockAsync(CancellationToken cancellationToken) => shop.StockAsync(cancellationToken);

    /// <summary>
    /// Reads until there was no new evidence for two seconds and what there is fits: a broker may keep a message of a killed consumer in hand for longer than that.
    /// At most for the longest unrest.
    /// </summary>
    /// <param name="fits">Whether nothing is missing.</param>
    /// <returns>What was read last, and whether it had come to rest.</returns>
    public async Task<(ShopEvidence Evidence, bool AtRest)> ReadAtRestAsync(
        IReadOnlyList<DrivenOrder> orders, IReadOnlyList<StockView> stockBefore, Func<ShopEvidence, bool> fits, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        var (evidence, print) = (await ReadAsync(orders, stockBefore, cancellationToken), "");
        while (TimeProvider.System.GetElapsedTime(started) < longestUnrest)
        {
            print = evidence.Fingerprint();
            await Task.Delay(Quiet, cancellationToken);
            evidence = await ReadAsync(orders, stockBefore, cancellationToken);
            if (evidence.Fingerprint() == print && fits(evidence))
            {
                return (evidence, true);
            }
        }

        return (evidence, false);
    }

    private async Task<ShopEvidence> ReadAsync(IReadOnlyList<DrivenOrder> driven, IReadOnlyList<StockView> stockBefore, CancellationToken cancellationToken)
    {
        var orders = new OrderEvidence[driven.Count];
        await Parallel.ForAsync(0, driven.Count, new ParallelOptions { MaxDegreeOfParallelism = Concurrency, CancellationToken = cancellationToken }, async (i, token) =>
            orders[i] = await Patience.AskAsync(() => ReadAsync(driven[i], token), _ => true, Patient, token));
        var stock = await shop.StockAsync(cancellationToken);
        var products = apps.Contains("catalog") ? await Task.WhenAll(stock.Select(level => shop.FindAsync<ProductView>("catalog", $"/products/{level.Sku}", cancellationToken))) : [];
        var letters = apps.Contains(Subscriptions.Observer) ? await shop.DeadLettersAsync(cancellationToken) : [];
        return new ShopEvidence(apps, orders, stockBefore, stock, [.. products.OfType<ProductView>()], letters, DateTimeOffset.UtcNow);
    }

    private async Task<OrderEvidence> ReadAsync(DrivenOrder order, CancellationToken cancellationToken)
    {
        var document = (await shop.FindOrderAsync(order.Plan.CustomerId, order.Id, cancellationToken)).Order;
        return new OrderEvidence(
            order, document,
            await shop.FindReservationAsync(order.Id, cancellationToken),
            await shop.FindAsync<PaymentView>("payment", $"/payments/{order.Id}", cancellationToken),
            await shop.FindAsync<ShipmentView>("shipping", $"/shipments/{order.Id}", cancellationToken),
            apps.Contains("notification") ? await shop.FindAsync<IReadOnlyList<NoticeView>>("notification", $"/notifications/{order.Id}", cancellationToken) ?? [] : [],
            order.Plan.FromBasket && apps.Contains("basket") ? await shop.FindAsync<CartView>("basket", "/basket", cancellationToken, order.Plan.CustomerId) : null,
            apps.Contains(Subscriptions.Observer) ? await shop.FindAsync<TimelineView>(Subscriptions.Observer, $"/orders/{order.Id}/timeline", cancellationToken) : null);
    }
}
