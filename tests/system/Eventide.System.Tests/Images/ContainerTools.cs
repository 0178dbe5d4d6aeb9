using System.Diagnostics;
using Eventide.ChildProcesses;

namespace Eventide.SystemTests.Images;

/// <summary>
/// Containers without Docker: buildah, podman over runc, and a registry on a free port, all with a folder of their own. Disposing it removes the containers, the registry
/// and the folder.
/// </summary>
internal sealed class ContainerTools : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly string[] Needed = ["buildah", "podman", "runc", "docker-registry"];
    private readonly List<string> _containers = [];
    private readonly ChildProcess _registry;

    public ContainerTools()
    {
        var port = new FreePorts().Take();
        Registry = $"localhost:{port}";
        var settings = Path.Combine(Folder, "registry.yml");
        File.WriteAllText(settings, $"""
            version: 0.1
            storage:
              filesystem:
                rootdirectory: {Folder}/registry
            http:
              addr: 127.0.0.1:{port}
            """);
        _registry = new ChildProcess(Folder, ["docker-registry", "serve", settings], []);
    }

    /// <summary>Why nothing of this can run here; null when it can.</summary>
    public static string? Missing
    {
        get
        {
            if (!OperatingSystem.IsLinux() || Environment.UserName != "root")
            {
                return "containers are started on Linux, as root";
            }

            var missing = Needed.Where(tool => Find(tool) is null).ToList();
            return missing.Count == 0 ? null : $"{string.Join(", ", missing)} missing; eng/containers.sh installs what can be installed";
        }
    }

    /// <summary>Host and port of the registry.</summary>
    public string Registry { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("eventide-images-").FullName;

    /// <summary>Runs a command to its end and returns what it wrote; fails when it fails.</summary>
    public static async Task<string> RunAsync(IReadOnlyList<string> command, params IEnumerable<(string Name, string Value)> variables)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        try
        {
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, $"{string.Join(' ', command)} ended with {process.ExitCode}: {await output}{await errors}");
            return (await output).Trim();
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    public Task<string> BuildahAsync(params IEnumerable<string> arguments) => RunAsync(["buildah", .. Storage, .. arguments]);

    public Task<string> PodmanAsync(params IEnumerable<string> arguments) =>
        RunAsync(["podman", .. Storage, "--tmpdir", $"{Folder}/tmp", "--runtime", Find("runc")!, "--cgroup-manager", "cgroupfs", .. arguments]);

    /// <summary>Starts a container as the chart does, restricted, with the host's network; returns its name.</summary>
    public async Task<string> StartAsync(string image, params IEnumerable<(string Name, string Value)> variables)
    {
        var name = $"eventide-{Guid.NewGuid():N}";
        _containers.Add(name);

        // The limits because runc may not raise them where the tests themselves run in a container.
        await PodmanAsync([
            "run", "--detach", "--name", name, "--network", "host", "--read-only", "--read-only-tmpfs=false", "--cap-drop", "all", "--security-opt", "no-new-privileges",
            "--ulimit", "nofile=20000:20000", "--ulimit", "nproc=4096:4096", .. variables.SelectMany(variable => new[] { "--env", $"{variable.Name}={variable.Value}" }), image,
        ]);
        return name;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in _containers)
        {
            await PodmanAsync("rm", "--force", "--time", "0", container);
        }

        await _registry.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private string[] Storage => ["--root", $"{Folder}/store", "--runroot", $"{Folder}/run", "--storage-driver", "vfs"];

    private static string? Find(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin")
        .Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
