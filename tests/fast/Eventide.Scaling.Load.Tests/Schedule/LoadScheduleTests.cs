using Eventide.Scaling.Demand;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Tests.Support;
using Eventide.Scaling.Shop;

namespace Eventide.Scaling.Load.Tests.Schedule;

/// <summary>What a plan intends is known before the first answer.</summary>
public class LoadScheduleTests
{
    private static readonly LoadPlan Everything = Plans.Of(
        600, Plans.Demand(ShopScenarios.Orders, 1), Plans.Demand(ShopScenarios.Pages, 20), new FleetDemand("fleet", Fleet.Simulate(50, seed: 1)));

    [Fact]
    public void The_same_plan_intends_the_same_and_another_seed_something_else()
    {
        Assert.Equal(Describe(Everything), Describe(Everything));
        Assert.NotEqual(Describe(Everything), Describe(Everything with { Seed = 2 }));
    }

    [Fact]
    public void Items_come_in_the_order_of_their_times()
    {
        var times = new LoadSchedule(Everything, "test").Items().Select(item => item.At).ToList();

        Assert.True(times.Count > 2500);
        Assert.Equal(times.Order(), times);
        Assert.InRange(times[0], Everything.Begin, Everything.Begin + TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void What_one_demand_intends_does_not_depend_on_the_others() =>
        Assert.Equal(
            Describe(Everything).Where(item => item.StartsWith("Purchase", StringComparison.Ordinal)), Describe(Everything with { Demands = [Everything.Demands[0]] }));

    [Fact]
    public void Visitors_look_at_as_many_pages_as_the_demand_has()
    {
        var visits = Items<Visit>(Everything with { Duration = TimeSpan.FromHours(2) });

        Assert.Equal(20 * 7200, visits.Sum(visit => visit.Pages.Count), 20 * 7200 * 0.03);
        Assert.Equal(5, visits.Average(visit => visit.Pages.Count), 0.2);
        Assert.All(visits, visit => Assert.Equal(visit.Pages.Select(page => page.At).Order(), visit.Pages.Select(page => page.At)));
        Assert.Contains(visits, visit => visit.Pages.Any(page => page.Path == "/products?category=Coffee%20%26%20Tea"));
    }

    [Fact]
    public void Customers_fill_their_basket_and_then_pay_and_some_cannot()
    {
        var purchases = Items<Purchase>(Everything with { Duration = TimeSpan.FromHours(5) });

        Assert.All(purchases, purchase => Assert.InRange(purchase.Basket.Count, 1, 3));
        Assert.All(purchases, purchase => Assert.True(purchase.PlaceAt > purchase.Basket[^1].At));
        Assert.Equal(0.02, purchases.Count(purchase => purchase.PaymentToken == "tok_declined") / (double)purchases.Count, 0.005);
        Assert.Equal(0.01, purchases.Count(purchase => purchase.Country == "AQ") / (double)purchases.Count, 0.004);
        Assert.Equal(purchases.Count, purchases.Select(purchase => purchase.Key).Distinct().Count());
    }

    [Fact]
    public void The_scale_changes_how_many_come()
    {
        var half = Everything with { VolumeScale = 0.5 };

        Assert.Equal(0.5, Items<Visit>(half).Count / (double)Items<Visit>(Everything).Count, 0.1);
        Assert.Equal(0.5, Items<Purchase>(half).Count / (double)Items<Purchase>(Everything).Count, 0.1);
        Assert.Equal(25, new LoadSchedule(half, "test").Fleet!.Ids.Count);
    }

    private static List<T> Items<T>(LoadPlan plan) => [.. new LoadSchedule(plan, "test").Items().OfType<T>()];

    private static List<string> Describe(LoadPlan plan) => [.. new LoadSchedule(plan, "test").Items().Select(item => item switch
    {
        Visit visit => $"{visit.At} Visit {string.Join(' ', visit.Pages)}",
        Purchase purchase => $"Purchase {purchase} {string.Join(' ', purchase.Basket)}",
        Transmission transmission => $"{transmission.At} {transmission.Sender} {string.Join(' ', transmission.Readings)}",
        _ => "",
    })];
}
