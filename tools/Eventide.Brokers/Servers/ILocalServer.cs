namespace Eventide.Brokers.Servers;

/// <summary>
/// A broker or a store that was started for one shop or one test: on a free port of 127.0.0.1, with its data in a folder of its own, never the machine's own
/// service. Disposing stops it. Not thread-safe.
/// </summary>
internal interface ILocalServer : IAsyncDisposable
{
    /// <summary>The product, as people call it, with its version: "Redis 7.0.15".</summary>
    string Name { get; }

    /// <summary>What a component file names: host:port, a URL, or a connection string. The same after every start.</summary>
    string Address { get; }

    /// <summary>What else a component file has to say to reach it, by the setting's name; a component file has no reason to say it of any other server.</summary>
    IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>();

    /// <summary>Starts it over the data that it had, and returns when it answers. Throws with a sentence and a remedy when it cannot.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops it in order; what it had acknowledged is there at the next start.</summary>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>Ends it as SIGKILL does, in the middle of whatever it was doing.</summary>
    Task KillAsync(CancellationToken cancellationToken);
}
