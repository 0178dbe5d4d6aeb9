using System.Numerics;

namespace Eventide.Fleet.Domain;

/// <summary>What is known about a reading's place among the others.</summary>
internal enum Place
{
    /// <summary>Newer than all before.</summary>
    Next,

    /// <summary>One that was missing.</summary>
    Late,

    /// <summary>One that is known.</summary>
    Duplicate,

    /// <summary>So old that nobody remembers whether it is known.</summary>
    Forgotten,
}

/// <summary>
/// Which of the last 64 readings have come, so that each is counted once whatever the order, and what never came is counted as lost. Immutable; the same readings in
/// any order lead to the same window, as long as none comes more than 64 readings late.
/// </summary>
/// <param name="First">The lowest sequence seen: what the device sent before is not missing.</param>
/// <param name="Highest">The highest sequence seen.</param>
/// <param name="Seen">Bit n is <paramref name="Highest"/> - n.</param>
/// <param name="Lost">Readings that fell out of the window and had not come.</param>
internal sealed record SequenceWindow(long First, long Highest, ulong Seen, long Lost)
{
    private const int Width = 64;

    public static SequenceWindow Of(long sequence) => new(sequence, sequence, 1, 0);

    /// <summary>Readings that have not come, whether they may still come or not.</summary>
    public long Missing
    {
        get
        {
            var inWindow = Math.Min(Width, Highest - First + 1);
            return Lost + inWindow - BitOperations.PopCount(Seen);
        }
    }

    public (SequenceWindow Window, Place Place) Add(long sequence)
    {
        if (sequence > Highest)
        {
            return (Advance(sequence), Place.Next);
        }

        if (Highest - sequence >= Width)
        {
            return (this, Place.Forgotten);
        }

        var bit = 1UL << (int)(Highest - sequence);
        if ((Seen & bit) != 0)
        {
            return (this, Place.Duplicate);
        }

        return (this with { First = Math.Min(First, sequence), Seen = Seen | bit }, Place.Late);
    }

    private SequenceWindow Advance(long sequence)
    {
        var steps = sequence - Highest;

        // What leaves the window: the oldest of those in it, as far as the device had begun, and those that the jump skips altogether.
        var begun = Math.Min(Width, Highest - First + 1);
        var leaving = (int)Math.Min(Math.Max(0, begun + steps - Width), begun);
        var kept = begun - leaving;
        var oldest = leaving == 0 ? 0 : Seen >> (int)kept;
        var skipped = Math.Max(0, steps - Width);
        var lost = leaving - BitOperations.PopCount(oldest) + skipped;
        return this with { Highest = sequence, Seen = (steps >= Width ? 0 : Seen << (int)steps) | 1, Lost = Lost + lost };
    }
}
