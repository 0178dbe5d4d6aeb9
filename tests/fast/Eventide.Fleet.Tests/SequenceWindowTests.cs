using CsCheck;
using Eventide.Fleet.Domain;

namespace Eventide.Fleet.Tests;

/// <summary>Every reading is counted once, and every one that did not come is missed.</summary>
public class SequenceWindowTests
{
    [Fact]
    public void The_same_readings_in_any_order_and_doubled_lead_to_the_same_window() =>
        Gen.Int[1, 60].HashSet[1, 40].SelectMany(set => Gen.Shuffle(set.Concat(set.Take(5)).ToArray()).Select(order => (set, order))).Sample((set, order) =>
        {
            var inOrder = Add(set.Order());
            var shuffled = Add(order);
            return inOrder.Window == shuffled.Window && shuffled.Counted == set.Count && shuffled.Window.Missing == set.Max() - set.Min() + 1 - set.Count;
        });

    [Fact]
    public void What_never_came_is_missing_however_long_ago() =>
        Gen.Bool.Array[1, 2000].Where(came => came[0] && came[^1]).Sample(came =>
        {
            var sequences = Enumerable.Range(1, came.Length).Where(sequence => came[sequence - 1]);
            return Add(sequences).Window.Missing == came.Count(here => !here);
        });

    [Theory]
    [InlineData(63, 62)]
    [InlineData(64, 63)]
    [InlineData(65, 64)]
    [InlineData(1000, 999)]
    public void A_jump_of_any_width_misses_what_lies_between(int jump, int missing) => Assert.Equal(missing, Add([1, 1 + jump]).Window.Missing);

    [Fact]
    public void A_reading_older_than_the_window_is_not_counted()
    {
        var (window, _) = Add([1, 100]);

        Assert.Equal(Place.Forgotten, window.Add(36).Place);
        Assert.Equal(Place.Late, window.Add(37).Place);
    }

    private static (SequenceWindow Window, int Counted) Add(IEnumerable<int> sequences)
    {
        SequenceWindow? window = null;
        var counted = 0;
        foreach (var sequence in sequences)
        {
            (window, var place) = window?.Add(sequence) ?? (SequenceWindow.Of(sequence), Place.Next);
            counted += place is Place.Next or Place.Late ? 1 : 0;
        }

        return (window!, counted);
    }
}
