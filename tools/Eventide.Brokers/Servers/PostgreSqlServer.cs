using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Eventide.ChildProcesses;

namespace Eventide.Brokers.Servers;

/// <summary>
/// A PostgreSQL of one's own: its cluster in its folder, one user with a password made for it, reachable on 127.0.0.1 only and by no socket file. What it
/// acknowledged survives SIGKILL and power loss. As root it runs as the user postgres, because PostgreSQL refuses to be root.
/// </summary>
internal sealed class PostgreSqlServer(string folder) : ServerProcess(folder)
{
    private const string User = "eventide";

    /// <summary>Where packages put the programs that they do not put on the PATH.</summary>
    private const string Packaged = "/usr/lib/postgresql";

    private static readonly Lazy<string> Version = new(ReadVersion);

    private string? _password;

    /// <summary>Whether this machine has what it takes.</summary>
    public static bool IsInstalled => Find("initdb") is not null && Find("postgres") is not null;

    /// <inheritdoc/>
    public override string Name => $"PostgreSQL {Version.Value}";

    /// <inheritdoc/>
    public override string Address => $"postgres://{User}:{Password}@127.0.0.1:{Port}/postgres?sslmode=disable";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> Command =>
    [
        .. Unprivileged(),
        Find("postgres") ?? "postgres", "-D", Data, "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
        "-c", "fsync=on", "-c", "synchronous_commit=on", "-c", "logging_collector=off", "-c", "log_destination=stderr",
    ];

    private string PasswordFile => Path.Combine(Folder, "password");

    private string Password => _password ??= File.Exists(PasswordFile) ? File.ReadAllText(PasswordFile).Trim() : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

    /// <inheritdoc/>
    protected override async Task PrepareAsync(CancellationToken cancellationToken)
    {
        await UntilTheOldOneIsGoneAsync(cancellationToken);
        if (File.Exists(Path.Combine(Data, "PG_VERSION")))
        {
            return;
        }

        // A cluster that was being made when this process ended: nobody has used it.
        Directory.Delete(Data, recursive: true);
        Directory.CreateDirectory(Data);
        await WritePasswordAsync(cancellationToken);
        if (IsRoot)
        {
            await RunAsync(["chown", "postgres", Folder, Data, PasswordFile], cancellationToken);
        }

        // In bytes, as Dapr's keys are compared; no language of this machine gets into an index.
        await RunAsync(
            [
                .. Unprivileged(), Find("initdb") ?? "initdb", "-D", Data, "--username", User, "--pwfile", PasswordFile, "--auth", "scram-sha-256",
                "--encoding", "UTF8", "--locale", "C",
            ],
            cancellationToken);
    }

    /// <summary>Whether it takes sign-ins; while it recovers it takes connections and refuses them.</summary>
    protected override async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        // A start-up message of protocol 3.0: length, version, user.
        var parameters = Encoding.ASCII.GetBytes($"user\0{User}\0database\0postgres\0\0");
        var message = new byte[8 + parameters.Length];
        BinaryPrimitives.WriteInt32BigEndian(message, message.Length);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(4), 3 << 16);
        parameters.CopyTo(message, 8);
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync("127.0.0.1", Port, cancellationToken);
            var stream = socket.GetStream();
            await stream.WriteAsync(message, cancellationToken);
            var answer = new byte[1];

            // R asks for the password, E is an error.
            return await stream.ReadAsync(answer, cancellationToken) == 1 && answer[0] == 'R';
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>SIGINT, which ends sessions and writes a checkpoint; SIGTERM would wait for clients that do not think of leaving.</summary>
    protected override void RequestStop(int process) => _ = SendSignal(process, signal: 2);

    private static bool IsRoot => !OperatingSystem.IsWindows() && System.Environment.IsPrivilegedProcess;

    private static string? Find(string program) => ProcessGroup.Find(program) ?? (Directory.Exists(Packaged)
        ? Directory.GetDirectories(Packaged).OrderByDescending(folder => double.TryParse(Path.GetFileName(folder), out var version) ? version : 0)
            .Select(folder => Path.Combine(folder, "bin", program)).FirstOrDefault(File.Exists)
        : null);

    /// <summary>What comes before a command so that it does not run as root. The process becomes the command, so signals reach that.</summary>
    private IReadOnlyList<string> Unprivileged()
    {
        if (!IsRoot)
        {
            return [];
        }

        // The folder of a run may lie below one that only root can enter. Reading is all that this allows beyond the user's own rights.
        string[] pass = IsOpenToAll(Path.GetDirectoryName(Folder)) ? [] : ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"];
        return ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", .. pass];
    }

    private static bool IsOpenToAll(string? folder) => folder is null || OperatingSystem.IsWindows()
        || (File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute) && IsOpenToAll(Path.GetDirectoryName(folder)));

    private async Task WritePasswordAsync(CancellationToken cancellationToken)
    {
        var password = Password;
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        await using var file = new StreamWriter(PasswordFile, options);
        await file.WriteLineAsync(password.AsMemory(), cancellationToken);
    }

    /// <summary>
    /// After SIGKILL the sessions notice in their own time that they are alone, and a server that starts before the last of them is gone refuses to. They work in
    /// the data folder and nobody else does.
    /// </summary>
    private async Task UntilTheOldOneIsGoneAsync(CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (Directory.Exists("/proc") && Directory.EnumerateDirectories("/proc").Any(WorksHere))
        {
            if (Stopwatch.GetElapsedTime(started) > StartPatience)
            {
                throw new ServerException($"A PostgreSQL that was killed still works in {Data}; end its processes, or give this run another folder.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(25), cancellationToken);
        }
    }

    private bool WorksHere(string process)
    {
        try
        {
            return char.IsAsciiDigit(Path.GetFileName(process)[0]) && new DirectoryInfo(Path.Combine(process, "cwd")).LinkTarget == Data;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It has ended, or is somebody else's.
            return false;
        }
    }

    private static async Task RunAsync(IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        using var process = Process.Start(start) ?? throw new ServerException($"{command[0]} could not be started.");
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await output;
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new ServerException($"PostgreSQL could not be set up: {errors.Trim()} (exit code {process.ExitCode} of {string.Join(' ', command)}).");
        }
    }

    private static string ReadVersion()
    {
        using var process = Process.Start(new ProcessStartInfo(Find("postgres") ?? "postgres", ["--version"]) { RedirectStandardOutput = true })!;
        var words = process.StandardOutput.ReadToEnd().Split(' ', StringSplitOptions.TrimEntries);
        return words.Length > 2 ? words[2] : "";
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
