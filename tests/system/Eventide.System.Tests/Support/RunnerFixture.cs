using System.Text;
using System.Text.Json;

namespace Eventide.SystemTests.Support;

/// <summary>
/// The runner as a process, on free ports, with a folder of its own for run file, components and data. Disposing it kills what still runs.
/// </summary>
internal sealed class RunnerFixture : IAsyncDisposable
{
    private readonly StringBuilder _apps = new();
    private readonly Dictionary<string, string> _variables = [];
    private ChildProcess? _process;

    public RunnerFixture()
    {
        Directory.CreateDirectory(Components);
        File.WriteAllText(Path.Combine(Components, "pubsub.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.sqlite
              version: v1
              metadata:
              - name: connectionString
                value: data/pubsub.db
            """);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("eventide-system-").FullName;

    public string Components => Path.Combine(Folder, "components");

    /// <summary>Everything it has written, both streams.</summary>
    public string Output => _process?.Output ?? "";

    public int Pid => _process!.Pid;

    /// <summary>Where state and logs are; another runner's, when a test wants that.</summary>
    public string Data { get; init; } = "";

    /// <summary>A run file in place of the one that <see cref="App"/> puts together.</summary>
    public string? RunFile { get; init; }

    /// <summary>How long the start may take; null for twenty seconds.</summary>
    public TimeSpan? StartPatience { get; init; }

    /// <summary>Whether run.json says that everything of this runner is up.</summary>
    public bool IsOpen
    {
        get
        {
            if (!File.Exists(RunStateFile))
            {
                return false;
            }

            using var state = JsonDocument.Parse(File.ReadAllBytes(RunStateFile));
            return state.RootElement.GetProperty("pid").GetInt32() == Pid;
        }
    }

    /// <summary>What the runner says of what runs.</summary>
    public string RunStateFile => Path.Combine(Folder, "data", "run.json");

    /// <summary>Adds an app to the run file: the test app, unless <paramref name="command"/> says otherwise.</summary>
    public RunnerFixture App(string appId, string? command = null, int appPort = 1, params (string Name, string Value)[] variables)
    {
        _apps.Append($"""
            - appID: {appId}
              appDirPath: .
              appPort: {appPort}
              command: {command ?? $"[dotnet, {Repository.TestApp}]"}

            """);
        if (variables.Length > 0)
        {
            _apps.Append("  env:\n").AppendJoin('\n', variables.Select(variable => $"    {variable.Name}: \"{variable.Value}\"")).Append('\n');
        }

        return this;
    }

    /// <summary>Sets a variable of the runner's environment.</summary>
    public RunnerFixture Variable(string name, string value)
    {
        _variables[name] = value;
        return this;
    }

    /// <summary>Starts the runner.</summary>
    public void Start(params IEnumerable<string> arguments)
    {
        File.WriteAllText(Path.Combine(Folder, "dapr.yaml"), $"""
            version: 1
            common:
              resourcesPaths: [components]
              enableAppHealthCheck: true
              appHealthProbeInterval: 1
            apps:
            {_apps}
            """);
        _process = new ChildProcess(
            Folder, [Repository.Cli, "run", "-f", RunFile ?? Path.Combine(Folder, "dapr.yaml"), "--data", Data.Length > 0 ? Data : Folder, .. arguments], _variables);
    }

    /// <summary>Starts the runner on free ports and waits until everything is up.</summary>
    public async Task OpenAsync(params IEnumerable<string> arguments)
    {
        Start(["--free-ports", .. arguments]);
        await Processes.UntilAsync($"run.json; so far: {Output}", () => IsOpen || _process!.HasExited, StartPatience);
        Assert.True(IsOpen, Output);
    }

    /// <summary>The processes of one app, from run.json.</summary>
    public IReadOnlyList<RunningApp> Apps()
    {
        using var state = JsonDocument.Parse(File.ReadAllBytes(RunStateFile));
        return state.RootElement.GetProperty("apps").Deserialize<List<RunningApp>>(JsonSerializerOptions.Web)!;
    }

    /// <summary>The exit code; fails when the runner does not end.</summary>
    public Task<int> ExitAsync() => _process!.ExitAsync();

    /// <summary>A clean stop by SIGTERM; the exit code.</summary>
    public Task<int> StopAsync()
    {
        Processes.Signal(Pid, Processes.Terminate);
        return ExitAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        Directory.Delete(Folder, recursive: true);
    }
}

/// <summary>An entry of run.json.</summary>
internal sealed record RunningApp(
    string AppId, int Pid, int? AppPort, string AppProtocol, int DaprHttpPort, int DaprGrpcPort, int Replica, string Log);
