using System.Diagnostics;
using System.Text;

namespace Eventide.TestSupport;

/// <summary>A process of a test with everything it writes. Disposing it kills what still runs.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly StringBuilder _output = new();
    private readonly Process _process;

    /// <summary>Starts a program with its arguments; a .dll is started with <c>dotnet</c>.</summary>
    public ChildProcess(string folder, IReadOnlyList<string> command, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var (program, arguments) = command[0].EndsWith(".dll", StringComparison.Ordinal) ? ("dotnet", command) : (command[0], command.Skip(1));
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Append(line.Data);
        _process.ErrorDataReceived += (_, line) => Append(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything it has written, both streams.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    /// <summary>Sends a signal.</summary>
    public void Signal(int signal) => Processes.Signal(Pid, signal);

    /// <summary>Returns when it has written <paramref name="text"/>.</summary>
    public async Task WroteAsync(string text)
    {
        await Processes.UntilAsync(text, () => HasExited || Output.Contains(text, StringComparison.Ordinal));
        Assert.Contains(text, Output);
    }

    /// <summary>Completes when it has ended.</summary>
    public Task WaitForExitAsync(CancellationToken cancellationToken) => _process.WaitForExitAsync(cancellationToken);

    /// <summary>The exit code; fails when it does not end.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private void Append(string? line)
    {
        lock (_output)
        {
            _output.AppendLine(line);
        }
    }
}
