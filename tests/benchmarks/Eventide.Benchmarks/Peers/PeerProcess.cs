using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Eventide.Benchmarks.Brokers;

namespace Eventide.Benchmarks.Peers;

/// <summary>A child process in a role of this executable: the app or the sidecars. Separate processes, so that each one's processor time is its own.</summary>
internal sealed class PeerProcess<TAddresses> : IAsyncDisposable
{
    private readonly Process _process;

    private PeerProcess(Process process, TAddresses addresses) => (_process, Addresses) = (process, addresses);

    public TAddresses Addresses { get; }

    /// <exception cref="InvalidOperationException">The child ended before it was listening; its own message is on standard error.</exception>
    public static async Task<PeerProcess<TAddresses>> StartAsync(string role, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!, [.. Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : Array.Empty<string>(), role, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (role is SidecarPeer.Role or BrokerSidecarsPeer.Role)
        {
            // As Eventide.Sidecar.Cli runs; apps keep the runtime's default.
            start.Environment["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        }

        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException($"The benchmark's \"{role}\" process ended before it was listening.");
        return new PeerProcess<TAddresses>(process, JsonSerializer.Deserialize<TAddresses>(line)!);
    }

    /// <summary>Microseconds of processor time that the child has taken so far.</summary>
    public async Task<double> ProcessorTimeAsync(CancellationToken cancellationToken) =>
        double.Parse(await AskAsync("cpu", cancellationToken), CultureInfo.InvariantCulture);

    /// <summary>Sends a command that the role knows and waits for its answer; one at a time.</summary>
    /// <exception cref="InvalidOperationException">The child ended instead; its own message is on standard error.</exception>
    public async Task<string> AskAsync(string command, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(command.AsMemory(), cancellationToken);
        return await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException($"The benchmark's child process ended at \"{command}\".");
    }

    public PeerCommands AsCommands() => new(this, AskAsync, ProcessorTimeAsync);

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}
