using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Backing;

/// <summary>A server that component files name: a broker, a store, or both.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="Variable">The environment variable that names one which runs already.</param>
/// <param name="DefaultPort">Where it listens when its address does not say.</param>
/// <param name="Package">What to install to have one of one's own.</param>
/// <param name="AddressSettings">The setting that carries its address, by the type of the component.</param>
/// <param name="Local">The ways to have one of one's own, the best one first.</param>
internal sealed record Product(
    string Name, string Variable, int DefaultPort, string Package, IReadOnlyDictionary<string, string> AddressSettings, IReadOnlyList<LocalProduct> Local);

/// <summary>A way to have a server of one's own.</summary>
/// <param name="IsInstalled">Whether this machine has what it takes.</param>
/// <param name="Create">Makes it, not started, over a folder of its own.</param>
/// <param name="Note">What its user has to know, such as that it forgets; null when there is nothing.</param>
internal sealed record LocalProduct(Func<bool> IsInstalled, Func<string, ILocalServer> Create, string? Note = null);
