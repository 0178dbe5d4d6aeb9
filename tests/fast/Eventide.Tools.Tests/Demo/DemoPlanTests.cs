using System.Text.Json;
using Eventide.Contracts;
using Eventide.Tools.Demo;

namespace Eventide.Tools.Tests.Demo;

public sealed class DemoPlanTests
{
    [Fact]
    public void The_same_seed_gives_the_same_orders() =>
        Assert.Equal(JsonSerializer.Serialize(DemoPlan.Create(50, 7)), JsonSerializer.Serialize(DemoPlan.Create(50, 7)));

    [Fact]
    public void Another_seed_gives_other_orders() =>
        Assert.NotEqual(JsonSerializer.Serialize(DemoPlan.Create(50, 7)), JsonSerializer.Serialize(DemoPlan.Create(50, 8)));

    [Theory]
    [InlineData(7)]
    [InlineData(200)]
    public void Every_kind_of_order_is_there(int orders) =>
        Assert.Equal(Enum.GetValues<OrderKind>(), DemoPlan.Create(orders, 1).Select(order => order.Kind).Distinct().Order());

    [Fact]
    public void Most_orders_are_fine()
    {
        var plan = DemoPlan.Create(200, 3);

        Assert.InRange(plan.Count(order => order.Kind.ExpectedEnd() == "Confirmed"), 120, 180);
    }

    [Fact]
    public void An_order_that_is_out_of_stock_asks_for_more_than_there_ever_was()
    {
        var stock = ProductSeed.Load().ToDictionary(product => product.Sku, product => product.Stock);

        Assert.All(
            DemoPlan.Create(100, 5).Where(order => order.Kind == OrderKind.OutOfStock), order => Assert.Contains(order.Request.Lines, line => line.Quantity > stock[line.Sku]));
    }

    [Fact]
    public void Keys_are_unique() => Assert.Equal(200, DemoPlan.Create(200, 5).Select(order => order.IdempotencyKey).Distinct().Count());
}
