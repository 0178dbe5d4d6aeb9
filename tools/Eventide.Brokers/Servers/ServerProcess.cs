using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Eventide.ChildProcesses;

namespace Eventide.Brokers.Servers;

/// <summary>
/// A server that is a child process. Its ports are chosen once and stay, so that a client finds it again after a stop or a kill; its data and its log are in a
/// folder that only it uses and that stays too. It ends with this process, however this process ends. Not thread-safe.
/// </summary>
internal abstract class ServerProcess : ILocalServer
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(30);

    // What the server left behind may hold the pipe of its output for ever.
    private static readonly TimeSpan OutputPatience = TimeSpan.FromSeconds(2);
    private static readonly Lock PortsLock = new();
    private static readonly FreePorts Ports = new();
    private static readonly Lazy<Guardian> Guardian = new();
    private int _pid;
    private Task<ProcessEnd>? _ended;

    /// <param name="folder">The server's own; it is made when it is missing. Of an earlier server of the same kind, that one's data go on.</param>
    protected ServerProcess(string folder)
    {
        Folder = Path.GetFullPath(folder);
        Data = Path.Combine(Folder, "data");
        Log = Path.Combine(Folder, "server.log");
    }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Address { get; }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; } = TakePort();

    /// <summary>Everything of it is in here.</summary>
    public string Folder { get; }

    /// <summary>What it keeps; exists before <see cref="PrepareAsync"/>.</summary>
    public string Data { get; }

    /// <summary>The file that its output is appended to.</summary>
    public string Log { get; }

    /// <summary>Whether its process is there.</summary>
    public bool IsRunning => _ended is { IsCompleted: false };

    /// <summary>The process group of the latest start: the server, and what it started.</summary>
    public int Group => _pid;

    /// <summary>Completes when the process of the latest start has ended, whoever ended it; null before the first start.</summary>
    public Task? Ended => _ended;

    /// <summary>The executable and its arguments. The first is looked up on the PATH.</summary>
    protected abstract IReadOnlyList<string> Command { get; }

    /// <summary>What the process gets beside our own environment.</summary>
    protected virtual IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string>();

    /// <summary>How long a start may take.</summary>
    protected virtual TimeSpan StartPatience => TimeSpan.FromSeconds(60);

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
        {
            return;
        }

        Directory.CreateDirectory(Data);
        await PrepareAsync(cancellationToken);
        Launch();
        try
        {
            await UntilItAnswersAsync(cancellationToken);
        }
        catch
        {
            await KillAsync(CancellationToken.None);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!IsRunning)
        {
            return;
        }

        RequestStop(_pid);
        try
        {
            await _ended!.WaitAsync(StopPatience, cancellationToken);
        }
        catch (TimeoutException)
        {
            await KillAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
        {
            ProcessGroup.End(_pid);
            await _ended!.WaitAsync(cancellationToken);
        }
    }

    /// <inheritdoc/>
    public virtual async ValueTask DisposeAsync()
    {
        await StopAsync(CancellationToken.None);
        GC.SuppressFinalize(this);
    }

    /// <summary>Another free port, for a server that needs more than one.</summary>
    protected static int TakePort()
    {
        lock (PortsLock)
        {
            return Ports.Take();
        }
    }

    /// <summary>Writes what the server needs before it starts: a configuration file, an empty database. Called before every start.</summary>
    protected virtual Task PrepareAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Whether it serves; asked again and again after a start. By default: whether its port takes a connection.</summary>
    protected virtual async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancellationToken);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    /// <summary>Asks it to stop in order. By default SIGTERM, for the process and those that it started.</summary>
    protected virtual void RequestStop(int process) => ProcessGroup.RequestStop(process);

    private void Launch()
    {
        var plan = new ProcessPlan(Name, Command, Data, Environment, Log);
        try
        {
            var process = ProcessGroup.Start(plan);
            _pid = process.Id;
            Guardian.Value.Watch(_pid);
            process.StandardInput.Close();
            _ended = EndAsync(process, plan);
        }
        catch (ProcessStartException failure)
        {
            throw new ServerException($"{failure.Message}; install it with `make brokers`.", failure);
        }
    }

    private async Task UntilItAnswersAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await AnswersAsync(cancellationToken))
        {
            if (_ended!.IsCompleted)
            {
                throw new ServerException((await _ended).Describe("while starting"));
            }

            if (Stopwatch.GetElapsedTime(started) > StartPatience)
            {
                throw new ServerException($"{Name} did not answer at {Address} within {StartPatience.TotalSeconds} s; its output is in {Log}.");
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static async Task<ProcessEnd> EndAsync(Process process, ProcessPlan plan)
    {
        using (process)
        using (var log = new ProcessLog(plan.Log, _ => { }))
        {
            var output = Task.WhenAll(log.CopyAsync(process.StandardOutput), log.CopyAsync(process.StandardError));
            await process.WaitForExitAsync();
            ProcessGroup.EndLeftovers(process.Id);
            Guardian.Value.Forget(process.Id);
            await Task.WhenAny(output, Task.Delay(OutputPatience));
            return new ProcessEnd(plan, process.ExitCode, log.LastLines);
        }
    }
}
