using Eventide.Brokers.Servers;
using Eventide.Sidecar.Tests.State;

namespace Eventide.Brokers.Tests.Stores;

/// <summary>A store that has a server of its own, started once for the class.</summary>
public abstract class ServerStoreUnderTest : StoreUnderTest
{
    private DirectoryInfo? _folder;
    private ILocalServer? _server;
    private bool _isRunning;

    /// <inheritdoc/>
    public override bool IsEmbedded => false;

    /// <summary>Settings of a server that nobody has started, at that port.</summary>
    public abstract IReadOnlyList<(string Name, string Value)> SettingsOfNobody(int port);

    /// <summary>Settings with a wrong password, and a part of the sentence about it; null when the server under test asks for none.</summary>
    public abstract (IReadOnlyList<(string Name, string Value)> Settings, string Sentence)? WrongPassword { get; }

    /// <summary>The address that <see cref="StoreUnderTest.Settings"/> name.</summary>
    private protected string Address => _server!.Address;

    /// <inheritdoc/>
    public override async ValueTask InitializeAsync()
    {
        if (Missing is null)
        {
            _folder = Directory.CreateTempSubdirectory("eventide-store-");
            _server = CreateServer(_folder.FullName);
            await StartAsync();
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _folder?.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    internal override async Task StartAsync()
    {
        if (!_isRunning)
        {
            await _server!.StartAsync(TestContext.Current.CancellationToken);
            _isRunning = true;
        }
    }

    /// <summary>A clean stop of the server.</summary>
    internal async Task StopAsync()
    {
        _isRunning = false;
        await _server!.StopAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>SIGKILL.</summary>
    internal async Task KillAsync()
    {
        _isRunning = false;
        await _server!.KillAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The server over a folder of its own, not started.</summary>
    private protected abstract ILocalServer CreateServer(string folder);
}
