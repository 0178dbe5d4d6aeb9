using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Backing;

/// <summary>
/// The broker and the store of one shop, and the component folders that name them. Disposing stops the servers that were started; what they keep stays in the
/// run's data folder. Not thread-safe.
/// </summary>
internal sealed class BackingServices : IAsyncDisposable
{
    private readonly FileStream? _lock;

    private BackingServices(BackingServer? broker, BackingServer? store, IReadOnlyList<string> resources, FileStream? @lock) =>
        (Broker, Store, Resources, _lock) = (broker, store, resources, @lock);

    /// <summary>Null when the broker needs no server.</summary>
    public BackingServer? Broker { get; }

    /// <summary>Null when the store needs no server.</summary>
    public BackingServer? Store { get; }

    /// <summary>The component folders to load.</summary>
    public IReadOnlyList<string> Resources { get; }

    /// <summary>Component folders that need nothing of us.</summary>
    public static BackingServices Given(IReadOnlyList<string> resources) => new(null, null, resources, null);

    /// <summary>Finds or starts what is needed, and tells in one sentence each what that is.</summary>
    /// <exception cref="ServerException">Something is missing; whatever was started is stopped again.</exception>
    public static async Task<BackingServices> StartAsync(BackingSettings settings, Func<string, string?> variables, Action<string> tell, CancellationToken cancellationToken)
    {
        var (brokerFolder, storeFolder) = (settings.BrokerFolder, settings.StoreFolder);
        if (!settings.Products.ContainsKey(settings.Broker) && !settings.Products.ContainsKey(settings.Store))
        {
            return Given([brokerFolder, storeFolder, settings.SharedFolder]);
        }

        var data = Directory.CreateDirectory(Path.Combine(settings.Data, "data", "servers")).FullName;
        var taken = Take(data);
        var opened = new List<BackingServer>();
        async Task<BackingServer?> OpenAsync(string name, string kind, string variable)
        {
            if (!settings.Products.TryGetValue(name, out var product))
            {
                return null;
            }

            var server = await BackingServer.OpenAsync(product, $"{variable}={name}", Path.Combine(data, $"{kind}-{name}"), variables, tell, cancellationToken);
            opened.Add(server);
            tell($"{variable}={name}: {server.Description}");
            return server;
        }

        try
        {
            var broker = await OpenAsync(settings.Broker, "broker", "BROKER");
            var store = await OpenAsync(settings.Store, "store", "STORE");
            var copies = Path.Combine(settings.Data, "data", "components");
            var secrets = Path.GetFullPath(Path.Combine(settings.SharedFolder, "secrets.json"));
            string[] resources =
            [
                Copy(brokerFolder, "broker", type => broker?.SettingsFor(type) ?? []), Copy(storeFolder, "store", type => store?.SettingsFor(type) ?? []),
                Copy(settings.SharedFolder, "shared", type => type == "secretstores.local.file" ? [KeyValuePair.Create("secretsFile", secrets)] : []),
            ];
            return new BackingServices(broker, store, resources, taken);

            string Copy(string from, string to, Func<string, IEnumerable<KeyValuePair<string, string>>> change)
            {
                var folder = Path.GetFullPath(Path.Combine(copies, to));
                ComponentCopies.Write(from, folder, change);
                return folder;
            }
        }
        catch
        {
            await StopAsync(opened);
            taken.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync([.. new[] { Broker, Store }.OfType<BackingServer>()]);
        _lock?.Dispose();
    }

    private static async Task StopAsync(IEnumerable<BackingServer> servers) =>
        await Task.WhenAll(servers.Select(server => server.Own).OfType<ILocalServer>().Select(server => server.DisposeAsync().AsTask()));

    // The lock ends with the process, however it ends.
    private static FileStream Take(string folder)
    {
        try
        {
            return new FileStream(Path.Combine(folder, "servers.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException failure)
        {
            throw new ServerException(
                $"Another run already uses the servers' data in {folder}; stop it, or give this one a folder of its own with --data (make run DATA=DIR).", failure);
        }
    }
}
