using System.Diagnostics;

namespace Eventide.Brokers.Servers;

/// <summary>
/// A RabbitMQ node of one's own, with a port mapper of its own, so that no other node of this machine is in its way. It knows no plugins. Durable classic queues and the
/// persistent messages in them survive SIGKILL; a quorum queue that was declared shortly before does not on a single node.
/// </summary>
internal sealed class RabbitMqServer(string folder) : ServerProcess(folder)
{
    private const string Script = "rabbitmq-server";

    // Packages install a wrapper that becomes the user rabbitmq and uses the machine's own data; the scripts behind it do neither.
    private static readonly string[] Packaged = ["/usr/lib/rabbitmq/lib", "/opt/homebrew/Cellar/rabbitmq", "/usr/local/Cellar/rabbitmq", "/opt/rabbitmq"];
    private static readonly Lazy<(Version Version, string Scripts)?> Installed = new(Find);

    private readonly int _distributionPort = TakePort();
    private readonly int _mapperPort = TakePort();

    /// <summary>Whether this machine has what it takes.</summary>
    public static bool IsInstalled => Installed.Value is not null;

    /// <inheritdoc/>
    public override string Name => $"RabbitMQ {Installed.Value?.Version}";

    /// <inheritdoc/>
    public override string Address => $"amqp://guest:guest@127.0.0.1:{Port}";

    // The port mapper that Erlang starts by itself is a daemon, which nobody would end; this one is in the group of the server and ends with it.
    /// <inheritdoc/>
    protected override IReadOnlyList<string> Command =>
        ["sh", "-c", "epmd -port \"$ERL_EPMD_PORT\" -address 127.0.0.1 & exec \"$1\"", "rabbitmq", Tool(Script)];

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>
    {
        ["HOME"] = Data,
        ["RABBITMQ_NODENAME"] = "eventide@localhost",
        ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_NODE_PORT"] = $"{Port}",
        ["RABBITMQ_DIST_PORT"] = $"{_distributionPort}",
        ["ERL_EPMD_PORT"] = $"{_mapperPort}",
        ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
        ["RABBITMQ_MNESIA_BASE"] = Path.Combine(Data, "mnesia"),
        ["RABBITMQ_LOG_BASE"] = Path.Combine(Folder, "log"),
        ["RABBITMQ_LOGS"] = "-",
        ["RABBITMQ_CONF_ENV_FILE"] = "/dev/null",
        ["RABBITMQ_CONFIG_FILE"] = Path.Combine(Data, "rabbitmq"),
        ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(Data, "enabled_plugins"),
        ["RABBITMQ_GENERATED_CONFIG_DIR"] = Path.Combine(Data, "config"),
        ["RABBITMQ_PID_FILE"] = Path.Combine(Data, "pid"),
    };

    /// <summary>Runs rabbitmqctl against this node and gives what it writes. Throws with its words when it fails.</summary>
    public async Task<string> ControlAsync(IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Tool("rabbitmqctl"), ["-q", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in Environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0
            ? await output
            : throw new ServerException($"rabbitmqctl {string.Join(' ', arguments)} failed with code {process.ExitCode}: {errors.Trim()} {await output}");
    }

    /// <inheritdoc/>
    protected override Task PrepareAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "log"));
        return File.WriteAllTextAsync(Path.Combine(Data, "enabled_plugins"), "[].\n", cancellationToken);
    }

    private static string Tool(string name) => Path.Combine(Installed.Value?.Scripts ?? "", name);

    private static (Version, string)? Find() => Packaged.Where(Directory.Exists).SelectMany(Directory.GetDirectories)
        .Select(folder => (IsVersion: Version.TryParse(Path.GetFileName(folder).Split('-', '_')[^1], out var version), Version: version!, Scripts: Path.Combine(folder, "sbin")))
        .Where(found => found.IsVersion && File.Exists(Path.Combine(found.Scripts, Script)))
        .OrderByDescending(found => found.Version).Select(found => ((Version, string)?)(found.Version, found.Scripts)).FirstOrDefault();
}
