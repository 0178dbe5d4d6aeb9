namespace Eventide.Brokers.Backing;

/// <summary>The servers that the folders of <c>components/brokers</c> and <c>components/stores</c> need.</summary>
internal static class Products
{
    /// <summary>By the folder of components. What is not here needs no server of this machine.</summary>
    public static IReadOnlyDictionary<string, Product> All { get; } = new Dictionary<string, Product>(StringComparer.Ordinal)
    {
    };
}
