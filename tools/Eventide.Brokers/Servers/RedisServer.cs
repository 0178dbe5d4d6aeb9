using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Eventide.Brokers.Servers;

/// <summary>
/// A Redis of one's own on 127.0.0.1. What it acknowledged survives SIGKILL and power loss: every answer waits until the log is on the disk ("appendfsync always").
/// With Redis' default, everysec, it does not even survive SIGKILL: while an fsync is slow, answers go out for up to two seconds before their log is written at all.
/// One fsync serves all commands that came together, so under load it costs little.
/// </summary>
/// <param name="password">What clients have to say; null when they need none.</param>
/// <param name="maxMemory">How much it may keep, as Redis writes sizes; null without limit. Beyond that it refuses writes.</param>
internal sealed class RedisServer(string folder, string? password = null, string? maxMemory = null) : ServerProcess(folder)
{
    private const string Program = "redis-server";
    private static readonly Lazy<string?> Version = new(ReadVersion);

    /// <summary>Whether this machine has what it takes.</summary>
    public static bool IsInstalled => Version.Value is not null;

    /// <inheritdoc/>
    public override string Name => $"Redis {Version.Value}";

    /// <inheritdoc/>
    public override string Address => $"127.0.0.1:{Port}";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Command =>
    [
        Program, "--port", $"{Port}", "--bind", "127.0.0.1", "--dir", Data, "--daemonize", "no", "--save", "", "--appendonly", "yes", "--appendfsync", "always",
        "--maxmemory-policy", "noeviction",
        .. maxMemory is null ? (string[])[] : ["--maxmemory", maxMemory],
        .. password is null ? (string[])[] : ["--requirepass", password],
    ];

    /// <inheritdoc/>
    protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        // While it reads its log it takes connections and answers LOADING.
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", Port, cancellationToken);
            await using var stream = client.GetStream();
            await stream.WriteAsync("PING\r\n"u8.ToArray(), cancellationToken);
            var answer = new byte[64];
            var length = await stream.ReadAsync(answer, cancellationToken);
            return Encoding.ASCII.GetString(answer, 0, length) is var text && (text.StartsWith("+PONG", StringComparison.Ordinal) || text.StartsWith("-NOAUTH", StringComparison.Ordinal));
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }

    private static string? ReadVersion()
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(Program, "--version") { RedirectStandardOutput = true })!;
            var words = process.StandardOutput.ReadToEnd().Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            process.WaitForExit();
            return words.FirstOrDefault(word => word.StartsWith("v=", StringComparison.Ordinal))?[2..] ?? "";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
