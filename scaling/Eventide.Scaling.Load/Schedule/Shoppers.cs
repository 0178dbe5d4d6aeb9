using Eventide.Contracts;
using Eventide.Scaling.Demand;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Load.Schedule;

/// <summary>Visitors and customers of a plan, in the order in which they come. All that they will do is decided when they come.</summary>
internal sealed class Shoppers(LoadPlan plan, string runId)
{
    private readonly IReadOnlyList<ProductSeed> _products = ProductSeed.Load();
    private readonly ShopperHabits _habits = plan.Shoppers;

    /// <summary>Visitors; together they look at as many pages as the demand has.</summary>
    public IEnumerable<LoadItem> Visits(IDemand pages, Random random)
    {
        string[] lists = ["/products", .. _products.Select(product => product.Category).Distinct().Select(category => $"/products?category={Uri.EscapeDataString(category)}")];
        foreach (var at in Arrivals(pages, 1 / _habits.PagesPerVisit, random))
        {
            var views = new List<PageView>();
            var time = at;
            do
            {
                views.Add(new PageView(time, random.Next(2) == 0 ? lists[random.Next(lists.Length)] : $"/products/{Popular(random).Sku}"));
                time += After(_habits.BetweenPages, random);
            }
            while (random.NextDouble() >= 1 / _habits.PagesPerVisit);
            yield return new Visit(at, views);
        }
    }

    /// <summary>Customers, one order each.</summary>
    public IEnumerable<LoadItem> Purchases(IDemand orders, Random random)
    {
        var plenty = Assortment.Plenty(_products);
        foreach (var (number, at) in Arrivals(orders, 1, random).Index())
        {
            var time = at;
            var basket = new List<BasketStep>();
            foreach (var line in Assortment.Lines(random, plenty))
            {
                basket.Add(new BasketStep(time, line.Sku, line.Quantity));
                time += After(_habits.BetweenSteps, random);
            }

            var fate = random.NextDouble();
            var isDeclined = fate < _habits.DeclinedShare;
            var isNotDeliverable = !isDeclined && fate < _habits.DeclinedShare + _habits.NotDeliverableShare;
            yield return new Purchase(
                at, $"{runId}-customer-{random.Next(_habits.Customers)}", $"{runId}-order-{number}", basket, time,
                isDeclined ? Assortment.DeclinedToken : Assortment.GoodToken, isNotDeliverable ? Assortment.UnservedCountry : Assortment.Country(random));
        }
    }

    private IEnumerable<TimeSpan> Arrivals(IDemand demand, double share, Random random) =>
        PoissonArrivals.Draw(demand, plan.Begin, plan.Duration, plan.VolumeScale * share, random);

    // Some products are looked at much more often than others.
    private ProductSeed Popular(Random random) => _products[(int)(_products.Count * Math.Pow(random.NextDouble(), 2))];

    private static TimeSpan After(TimeSpan mean, Random random) => mean * PoissonArrivals.Exponential(random);
}
