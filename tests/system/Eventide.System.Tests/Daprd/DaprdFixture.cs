using Eventide.ChildProcesses;
using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Daprd;

/// <summary>The executable as daprd, started with daprd's flags, and test apps; all in one folder. Disposing it kills what still runs.</summary>
internal sealed class DaprdFixture : IAsyncDisposable
{
    private readonly FreePorts _ports = new();
    private readonly List<ChildProcess> _processes = [];

    public string Folder { get; } = Directory.CreateTempSubdirectory("eventide-daprd-").FullName;

    /// <summary>Writes a file and gives its path.</summary>
    public string Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Starts the executable with these arguments and nothing else.</summary>
    public ChildProcess Start(params IEnumerable<string> arguments) => Keep([Repository.Cli, .. arguments], []);

    /// <summary>Starts a test app, and beside it a sidecar with daprd's flags; returns when the sidecar says that it runs.</summary>
    public async Task<(ChildProcess Sidecar, HttpClient Http)> StartAppAsync(string appId, params IEnumerable<string> flags)
    {
        var (appPort, httpPort) = (_ports.Take(), _ports.Take());
        Keep([Repository.TestApp], [new("APP_ID", appId), new("APP_PORT", $"{appPort}"), new("TEST_TOPIC", "news")]);
        var sidecar = Start(
            ["--app-id", appId, "--app-port", $"{appPort}", "--dapr-http-port", $"{httpPort}", "--dapr-grpc-port", $"{_ports.Take()}",
                "--metrics-port", $"{_ports.Take()}", "--enable-app-health-check", .. flags]);
        await sidecar.WroteAsync("dapr initialized. Status: Running. Init Elapsed ");
        return (sidecar, new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{httpPort}") });
    }

    /// <summary>A free port.</summary>
    public int Port() => _ports.Take();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private ChildProcess Keep(IReadOnlyList<string> arguments, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var process = new ChildProcess(Folder, arguments, [.. variables, new("EVENTIDE_NAMES", Path.Combine(Folder, "names.db"))]);
        _processes.Add(process);
        return process;
    }
}
