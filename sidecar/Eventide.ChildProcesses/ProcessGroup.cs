using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Eventide.ChildProcesses;

/// <summary>
/// Starts each child as the leader of a process group of its own. So Ctrl-C in a terminal reaches the runner alone, which then stops its children in
/// order; and what a child started itself (npm, a shell) ends with it.
/// </summary>
internal static class ProcessGroup
{
    private const int Terminate = 15;
    private const int Kill = 9;

    // .NET cannot set a child's group. setsid is on every Linux, perl on every macOS; each becomes the command, so the process id stays the command's.
    private static readonly IReadOnlyList<string> Leader =
        Find("setsid") is { } setsid ? [setsid] : Find("perl") is { } perl ? [perl, "-MPOSIX", "-e", "POSIX::setsid(); exec { $ARGV[0] } @ARGV"] : [];

    /// <summary>Starts the command with all three streams redirected.</summary>
    /// <exception cref="ProcessStartException">The command or its folder does not exist.</exception>
    public static Process Start(ProcessPlan plan) => Start(plan, redirect: true);

    /// <summary>Starts the command with our own streams: what it writes to a terminal, it writes there as we would.</summary>
    /// <exception cref="ProcessStartException">The command or its folder does not exist.</exception>
    public static Process StartAttached(ProcessPlan plan) => Start(plan, redirect: false);

    private static Process Start(ProcessPlan plan, bool redirect)
    {
        if (!Directory.Exists(plan.Folder))
        {
            throw new ProcessStartException($"{plan.Name}: the folder {plan.Folder} does not exist");
        }

        var executable = Find(plan.Command[0], plan.Folder) ?? throw new ProcessStartException(
            $"{plan.Name}: the command \"{plan.Command[0]}\" was not found on the PATH or in {plan.Folder}");
        string[] command = [.. Leader, executable, .. plan.Command.Skip(1)];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = plan.Folder,
            RedirectStandardInput = redirect,
            RedirectStandardOutput = redirect,
            RedirectStandardError = redirect,
        };
        foreach (var (name, value) in plan.Environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>The full path of a command: on the PATH, or relative to <paramref name="folder"/> when it has a slash. Null when there is none.</summary>
    public static string? Find(string command, string? folder = null)
    {
        if (command.Contains('/'))
        {
            var path = Path.GetFullPath(command, folder ?? Environment.CurrentDirectory);
            return File.Exists(path) ? path : null;
        }

        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(entry => Path.Combine(entry, command)).FirstOrDefault(File.Exists);
    }

    /// <summary>Asks the group to stop (SIGTERM). A group that is gone is no error.</summary>
    public static void RequestStop(int leader) => Send(leader, Terminate);

    /// <summary>Ends the group at once (SIGKILL). A group that is gone is no error.</summary>
    public static void End(int leader) => Send(leader, Kill);

    /// <summary>Ends what a leader that has ended left behind.</summary>
    public static void EndLeftovers(int leader) => _ = SendSignal(-leader, Kill);

    /// <summary>Sends the group any signal. A group that is gone is no error.</summary>
    public static void Send(int leader, int signal)
    {
        // In its first moment, and where neither helper exists, the child has no group of its own.
        if (SendSignal(-leader, signal) != 0)
        {
            _ = SendSignal(leader, signal);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
