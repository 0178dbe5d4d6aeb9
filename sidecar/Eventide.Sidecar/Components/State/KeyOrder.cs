namespace Eventide.Sidecar.Components.State;

/// <summary>The order of keys in every store: that of their UTF-8 bytes, which is the order of their code points. Pure.</summary>
internal sealed class KeyOrder : IComparer<string>
{
    private const char LastBeforeSurrogates = '\uD7FF';
    private const string Last = "\U0010FFFF";

    private KeyOrder()
    {
    }

    /// <summary>The only instance.</summary>
    public static KeyOrder Instance { get; } = new();

    /// <summary>The first key behind all that start with <paramref name="prefix"/>; null when they go on to the end.</summary>
    public static string? End(string prefix)
    {
        while (prefix.EndsWith(Last, StringComparison.Ordinal))
        {
            prefix = prefix[..^Last.Length];
        }

        if (prefix.Length == 0)
        {
            return null;
        }

        var isPair = prefix.Length > 1 && char.IsSurrogatePair(prefix[^2], prefix[^1]);
        var next = isPair ? char.ConvertToUtf32(prefix[^2], prefix[^1]) + 1 : prefix[^1] == LastBeforeSurrogates ? 0xE000 : prefix[^1] + 1;
        return prefix[..^(isPair ? 2 : 1)] + char.ConvertFromUtf32(next);
    }

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var shared = x.AsSpan().CommonPrefixLength(y);
        if (x is null || y is null || shared == x.Length || shared == y.Length)
        {
            return (x?.Length ?? -1) - (y?.Length ?? -1);
        }

        return Weight(x[shared]) - Weight(y[shared]);
    }

    // In UTF-16 the characters beyond U+FFFF are written with surrogates, which come before U+E000.
    private static int Weight(char c) => char.IsSurrogate(c) ? c + 0x10000 : c;
}
