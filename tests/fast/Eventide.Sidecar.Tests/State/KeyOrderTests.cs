using System.Text;
using CsCheck;
using Eventide.Sidecar.Components.State;

namespace Eventide.Sidecar.Tests.State;

/// <summary>The order of keys is that of their bytes, and a prefix is one range in it.</summary>
public sealed class KeyOrderTests
{
    private static readonly string[] Characters = ["a", "z", "~", "\u007f", "\u0080", "\ud7ff", "\ue000", "\uffff", "\U00010000", "😀", "\U0010FFFF"];

    private static readonly Gen<string> Keys = Gen.Int[0, Characters.Length - 1].Array[0, 4].Select(some => string.Concat(some.Select(i => Characters[i])));

    [Fact]
    public void Keys_compare_as_their_bytes_do() => Gen.Select(Keys, Keys).Sample((x, y) =>
        Assert.Equal(Math.Sign(Bytes(x).AsSpan().SequenceCompareTo(Bytes(y))), Math.Sign(KeyOrder.Instance.Compare(x, y))));

    [Fact]
    public void What_starts_with_a_prefix_lies_before_its_end_and_nothing_else_from_it_on() => Gen.Select(Keys, Keys).Sample((prefix, key) =>
    {
        var isInRange = KeyOrder.Instance.Compare(key, prefix) >= 0 && (KeyOrder.End(prefix) is not { } end || KeyOrder.Instance.Compare(key, end) < 0);
        Assert.Equal(key.StartsWith(prefix, StringComparison.Ordinal), isInRange);
    });

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
