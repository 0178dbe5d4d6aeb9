using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Backing;

/// <summary>Which broker and which store a shop is to have.</summary>
/// <param name="Components">The folder that has <c>brokers</c>, <c>stores</c> and <c>shared</c> in it.</param>
/// <param name="Broker">A folder of <c>brokers</c>.</param>
/// <param name="Store">A folder of <c>stores</c>.</param>
/// <param name="Data">The data folder of the run; what the servers keep goes below <c>data/servers</c>.</param>
internal sealed record BackingSettings(string Components, string Broker, string Store, string Data)
{
    /// <summary>The servers that there are, by the folder of components.</summary>
    public IReadOnlyDictionary<string, Product> Products { get; init; } = Backing.Products.All;

    public string BrokerFolder => FolderOf("brokers", "BROKER", Broker);

    public string StoreFolder => FolderOf("stores", "STORE", Store);

    public string SharedFolder => Path.Combine(Components, "shared");

    private string FolderOf(string kind, string variable, string name)
    {
        var parent = Path.Combine(Components, kind);
        var folder = Path.Combine(parent, name);
        if (name.Length > 0 && !name.Contains('/') && Directory.Exists(folder))
        {
            return folder;
        }

        var known = Directory.Exists(parent) ? string.Join(", ", Directory.GetDirectories(parent).Select(Path.GetFileName).Order(StringComparer.Ordinal)) : "none";
        throw new ServerException($"{variable} is \"{name}\", and there is no folder {folder}; there are: {known}.");
    }
}
