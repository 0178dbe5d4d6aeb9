using System.Text.Json;
using Eventide.Inventory.Domain;

namespace Eventide.Inventory.Tests;

public sealed class StockLevelTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_reservation_that_is_repeated_changes_nothing()
    {
        var once = StockLevel.Of("SKU-001", 10).Reserve("o", 3, Start);
        Assert.Same(once, once.Reserve("o", 3, Start));
        Assert.Equal((7, 3, 0), (once.Available, once.Reserved, once.Sold));
    }

    [Fact]
    public void A_release_that_comes_first_keeps_a_late_reservation_out()
    {
        var released = StockLevel.Of("SKU-001", 10).Release("o", Start);
        Assert.Equal(10, released.Reserve("o", 3, Start).Available);
    }

    [Fact]
    public void More_than_there_is_cannot_be_reserved() => Assert.Equal(2, StockLevel.Of("SKU-001", 2).Reserve("o", 3, Start).Available);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Stock_is_conserved_under_any_sequence_of_changes(int seed)
    {
        var random = new Random(seed);
        var level = StockLevel.Of("SKU-001", 50);
        for (var i = 0; i < 5000; i++)
        {
            var (order, now) = ($"o{random.Next(40)}", Start + TimeSpan.FromSeconds(i));
            level = random.Next(3) switch
            {
                0 => level.Reserve(order, random.Next(1, 6), now),
                1 => level.Sell(order, now),
                _ => level.Release(order, now),
            };
            Assert.True(level.Available >= 0 && level.Reserved >= 0, $"seed {seed}, step {i}: {level}");
            Assert.Equal(level.Initial, level.Available + level.Reserved + level.Sold);
            Assert.Equal(level.Reserved, level.Marks.Values.Where(mark => mark.State == MarkState.Reserved).Sum(mark => mark.Quantity));
        }
    }

    [Fact]
    public void The_stored_form_stays_readable()
    {
        var level = StockLevel.Of("SKU-001", 10).Reserve("o-1", 3, Start).Reserve("o-2", 1, Start).Sell("o-2", Start);
        const string Stored =
            """{"sku":"SKU-001","initial":10,"available":6,"reserved":3,"sold":1,"version":3,"marks":{"o-1":[3,0,1767225600],"o-2":[1,1,1767225600]}}""";

        Assert.Equal(Stored, JsonSerializer.Serialize(level, JsonSerializerOptions.Web));
        Assert.Equal(Stored, JsonSerializer.Serialize(JsonSerializer.Deserialize<StockLevel>(Stored, JsonSerializerOptions.Web), JsonSerializerOptions.Web));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6], Enum.GetValues<ReservationState>().Select(state => (int)state));
        Assert.Equal(
            [
                ReservationState.Reserving, ReservationState.Reserved, ReservationState.Rejected, ReservationState.Sold, ReservationState.Releasing,
                ReservationState.Released, ReservationState.Rejecting,
            ],
            Enum.GetValues<ReservationState>());
    }
}
