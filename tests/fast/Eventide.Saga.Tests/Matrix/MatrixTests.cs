using Eventide.Inventory.Domain;
using Eventide.Ordering.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Saga.Tests.Matrix;

/// <summary>Every step of the saga, with everything that can go wrong there, against the invariants; messages come shuffled and doubled.</summary>
public abstract class MatrixTests(MatrixShops shops)
{
    public static TheoryData<SagaStep, Fault> Cells => new(Cell.All.Select(cell => (cell.Step, cell.Fault)));

    public static TheoryData<int> Seeds => new(RandomOrder.Seeds);

    [Theory]
    [MemberData(nameof(Cells))]
    public Task The_order_ends_as_it_must_and_every_invariant_holds(SagaStep step, Fault fault) => shops.ResultOfAsync(new Cell(step, fault));

    [Theory]
    [MemberData(nameof(Seeds))]
    public Task Whatever_happens_at_random_every_invariant_holds(int seed) => shops.ResultOfAsync(new RandomOrder(seed));

    [Fact]
    public async Task At_rest_no_stock_is_reserved_and_none_is_lost()
    {
        await shops.AllEndedAsync();
        foreach (var shop in shops.Shops)
        {
            foreach (var level in await shop["inventory"].Services.GetRequiredService<StockLevels>().ListAsync(TestContext.Current.CancellationToken))
            {
                Assert.Equal(level.Initial, level.Available + level.Reserved + level.Sold);
                Assert.True(level.Available >= 0, $"{level.Sku}: {level.Available} available");
                Assert.Equal(0, level.Reserved);
            }
        }
    }
}

/// <summary>Each service an app of its own.</summary>
public sealed class ServicesMatrixTests(MatrixServices shops) : MatrixTests(shops), IClassFixture<MatrixServices>;

/// <summary>All modules in one process.</summary>
public sealed class MonolithMatrixTests(MatrixMonolith shops) : MatrixTests(shops), IClassFixture<MatrixMonolith>;
