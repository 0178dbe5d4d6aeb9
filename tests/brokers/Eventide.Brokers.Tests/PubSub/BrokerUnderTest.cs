using Eventide.Brokers.Servers;
using Eventide.Brokers.Tests.Tables;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>
/// One broker as the contract sees it: its server, started once for the class, the component that reaches it, and what it does otherwise than the
/// contract says, in words for an operator. A class fixture.
/// </summary>
public abstract class BrokerUnderTest : IAsyncLifetime
{
    /// <summary>The name of the brokers' table in docs/brokers.md.</summary>
    public const string Table = "pubsub";

    private DirectoryInfo? _folder;
    private ILocalServer? _server;
    private bool _isRunning;

    /// <summary>The column of the table: "redis".</summary>
    public abstract string Name { get; }

    /// <summary>Such as pubsub.redis.</summary>
    public abstract string ComponentType { get; }

    /// <summary>
    /// The component's settings, those that docs/brokers.md advises and the times in seconds, so that the suite is quick. Read after the server has started.
    /// </summary>
    public abstract IReadOnlyList<(string Name, string Value)> Settings { get; }

    /// <summary>How long the broker may take to bring a message again that was in the hand of a sidecar that is gone.</summary>
    public abstract TimeSpan RedeliversAfter { get; }

    /// <summary>
    /// So many messages a stuck replica holds at most: workers and what is fetched ahead. Null where work is shared by partition, so that a stuck replica
    /// holds its partitions and the other goes on with its own; that is a difference to state.
    /// </summary>
    public abstract int? MostHeldByStuckReplica { get; }

    /// <summary>
    /// Where the broker differs, and how: the cells of the table. A test of such a behaviour checks what is said where it can, else it is skipped with the
    /// sentence.
    /// </summary>
    public virtual IReadOnlyDictionary<Behaviour, string> Differences { get; } = new Dictionary<Behaviour, string>();

    /// <summary>The address that <see cref="Settings"/> name.</summary>
    private protected string Address => _server!.Address;

    /// <summary>Whether the broker lives in the sidecar: it has no server, and is killed with its sidecar.</summary>
    internal bool IsEmbedded => _server is null;

    /// <summary>What became of each test, for the table.</summary>
    internal MatrixColumn<Behaviour> Results { get; private set; } = null!;

    /// <summary>One sentence with a remedy when the server is not installed; the suite is then skipped with it.</summary>
    internal virtual string? Missing => null;

    /// <summary>The component's factory, for what no API reaches.</summary>
    private protected abstract IComponentFactory<IPubSub> Factory { get; }

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Results = new MatrixColumn<Behaviour>(Table, Name, Differences);
        _folder = Directory.CreateTempSubdirectory("eventide-broker-");
        if (Missing is null && (_server = CreateServer(_folder.FullName)) is not null)
        {
            await StartAsync();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Results.Save();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder?.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The stated difference, or null: the broker does as the contract says.</summary>
    internal string? Difference(Behaviour behaviour) => Differences.GetValueOrDefault(behaviour);

    internal async Task StartAsync()
    {
        if (_server is not null && !_isRunning)
        {
            await _server.StartAsync(TestContext.Current.CancellationToken);
            _isRunning = true;
        }
    }

    internal async Task StopAsync()
    {
        _isRunning = false;
        await _server!.StopAsync(TestContext.Current.CancellationToken);
    }

    internal async Task KillAsync()
    {
        _isRunning = false;
        await _server!.KillAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The component by itself, not opened.</summary>
    internal IPubSub Component(string folder, string appId) => Factory.Create(
        new ComponentDefinition(
            "pubsub", ComponentType, "v1", "pubsub.yaml", IgnoreErrors: false, TimeSpan.FromSeconds(5),
            new ComponentMetadata("pubsub.yaml", "pubsub", Settings.ToDictionary(setting => setting.Name, setting => setting.Value)), []),
        new ComponentContext(
            appId, "default", folder, () => [], TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance, new SharedComponents()));

    /// <summary>The server over a folder of its own, not started; null when the broker lives in the sidecar.</summary>
    private protected virtual ILocalServer? CreateServer(string folder) => null;
}
