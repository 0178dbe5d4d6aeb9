using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Backing;

/// <summary>The broker or the store that is used.</summary>
/// <param name="Address">What component files say.</param>
/// <param name="Settings">What else component files have to say.</param>
/// <param name="Own">The server when it is one of our own; null when it is somebody else's.</param>
/// <param name="Description">One sentence: what it is and where.</param>
internal sealed record BackingServer(
    Product Product, string Address, IReadOnlyDictionary<string, string> Settings, ILocalServer? Own, string Description)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Takes the server that the product's variable names, else starts one. Returns when it answers.</summary>
    /// <param name="role">What asks for it: <c>BROKER=redis</c>.</param>
    /// <param name="tell">Gets a sentence when it takes time.</param>
    /// <exception cref="ServerException">It does not answer, or nothing is installed.</exception>
    public static async Task<BackingServer> OpenAsync(
        Product product, string role, string folder, Func<string, string?> variables, Action<string> tell, CancellationToken cancellationToken)
    {
        if (variables(product.Variable) is { Length: > 0 } address)
        {
            return await FindAsync(product, address, tell, cancellationToken);
        }

        var local = product.Local.FirstOrDefault(local => local.IsInstalled()) ?? throw new ServerException(
            $"{role} needs {product.Name}, and {product.Package} is not installed: `make brokers` installs it, or let {product.Variable} name one that runs.");
        var server = local.Create(folder);
        try
        {
            await server.StartAsync(cancellationToken);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }

        var where = string.Join(", ", Endpoints.In(server.Address, product.DefaultPort).Select(endpoint => $"{endpoint.Host}:{endpoint.Port}"));
        return new BackingServer(
            product, server.Address, server.Settings, server,
            $"{server.Name} at {where}, started for this shop; {(local.Note is { } note ? note : $"its data and log are in {folder}")}.");
    }

    /// <summary>What a component of this type has to say.</summary>
    public IEnumerable<KeyValuePair<string, string>> SettingsFor(string type) => Product.AddressSettings.TryGetValue(type, out var setting)
        ? [KeyValuePair.Create(setting, Address), .. Settings]
        : [];

    private static async Task<BackingServer> FindAsync(Product product, string address, Action<string> tell, CancellationToken cancellationToken)
    {
        var endpoints = Endpoints.In(address, product.DefaultPort);
        var where = string.Join(", ", endpoints.Select(endpoint => $"{endpoint.Host}:{endpoint.Port}"));
        if (endpoints.Count == 0)
        {
            throw new ServerException($"{product.Variable} names no host; it has to be the address of {product.Name} as component files say it.");
        }

        var started = TimeProvider.System.GetTimestamp();
        for (var told = false; !await Endpoints.AnswerAsync(endpoints, cancellationToken); told = true)
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new ServerException(
                    $"{product.Name} did not answer at {where} ({product.Variable}) within {Patience.TotalSeconds} s: start it, correct {product.Variable}, or unset it to have one started.");
            }

            if (!told)
            {
                tell($"{product.Name} does not answer at {where} ({product.Variable}) yet; waiting for it, up to {Patience.TotalSeconds} s.");
            }

            await Task.Delay(Pause, cancellationToken);
        }

        return new BackingServer(product, address, new Dictionary<string, string>(), null, $"{product.Name} at {where}, as {product.Variable} says.");
    }
}
