using System.Diagnostics;

namespace Eventide.ChildProcesses;

/// <summary>
/// Ends the children when this process dies without a chance to do so itself (SIGKILL, out of memory): a shell of a few lines that reads from a pipe. It is
/// told of every child, and the end of the pipe is our end, however it came. Neither Linux nor macOS ends the children of a dead process by itself, and
/// what Linux has for it (PR_SET_PDEATHSIG) must be set by the child. Thread-safe.
/// </summary>
internal sealed class Guardian : IAsyncDisposable
{
    // kill is asked for the group first, for the process when it leads none. What does not end within 5 s is killed.
    private const string Script = """
        trap '' INT TERM HUP QUIT
        alive=
        while read -r verb pid; do
          case $verb in
            watch) alive="$alive $pid" ;;
            forget) rest=; for p in $alive; do [ "$p" = "$pid" ] || rest="$rest $p"; done; alive=$rest ;;
          esac
        done
        for p in $alive; do kill -s TERM -- "-$p" 2>/dev/null || kill -s TERM "$p" 2>/dev/null; done
        for turn in 1 2 3 4 5 6 7 8 9 10; do
          rest=
          for p in $alive; do kill -s 0 -- "-$p" 2>/dev/null && rest="$rest $p"; done
          alive=$rest
          [ -n "$alive" ] || exit 0
          sleep 0.5
        done
        for p in $alive; do kill -s KILL -- "-$p" 2>/dev/null || kill -s KILL "$p" 2>/dev/null; done
        """;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _watched = [];
    private readonly Process _shell = ProcessGroup.Start(
        new ProcessPlan("guardian", ["sh", "-c", Script, "eventide-guardian"], Environment.CurrentDirectory, new Dictionary<string, string>(), Log: ""));

    /// <summary>From now on this child ends with us.</summary>
    public void Watch(int process) => Tell("watch", process);

    /// <summary>The child has ended; its number may soon be another process's.</summary>
    public void Forget(int process) => Tell("forget", process);

    /// <summary>Ends all children at once (SIGKILL), in whatever state they are.</summary>
    public void End()
    {
        lock (_lock)
        {
            foreach (var process in _watched)
            {
                ProcessGroup.End(process);
            }
        }
    }

    /// <summary>Ends the shell; call it after the children have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }

    private void Tell(string verb, int process)
    {
        lock (_lock)
        {
            _ = verb == "watch" ? _watched.Add(process) : _watched.Remove(process);
            try
            {
                _shell.StandardInput.Write($"{verb} {process}\n");
                _shell.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Somebody killed the shell. The children run on without their guardian.
            }
        }
    }
}
