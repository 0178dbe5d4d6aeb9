using System.Numerics;

namespace Eventide.Scaling.Load.Running;

/// <summary>Which of a device's readings have been accepted; a bit for each.</summary>
internal sealed class SequenceSet
{
    private ulong[] _words = new ulong[4];

    /// <summary>How many are in it.</summary>
    public long Count { get; private set; }

    /// <summary>How many of them are in another one too.</summary>
    public long CountIn(SequenceSet other) => _words.Zip(other._words).Sum(words => (long)BitOperations.PopCount(words.First & words.Second));

    /// <summary>Puts one in; one that is there stays.</summary>
    public void Add(long sequence)
    {
        var word = (int)(sequence / 64);
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, (int)BitOperations.RoundUpToPowerOf2((uint)word + 1));
        }

        var bit = 1UL << (int)(sequence % 64);
        Count += (_words[word] & bit) == 0 ? 1 : 0;
        _words[word] |= bit;
    }
}
