using System.Text;

namespace Eventide.ChildProcesses;

/// <summary>How a child process ended.</summary>
/// <param name="Code">Its exit code; 128 and the signal's number when a signal ended it.</param>
/// <param name="LastLines">The end of its output.</param>
internal sealed record ProcessEnd(ProcessPlan Plan, int Code, IReadOnlyList<string> LastLines)
{
    private const int Killed = 128 + 9;
    private const int Terminated = 128 + 15;

    /// <summary>Somebody else ended it: that tells nothing about the program.</summary>
    public bool FromOutside => Code is Killed or Terminated;

    /// <summary>The code in words.</summary>
    public string Reason => Code switch
    {
        Killed => "was killed (SIGKILL)",
        Terminated => "was terminated (SIGTERM)",
        128 + 6 => "aborted (SIGABRT)",
        128 + 11 => "crashed (SIGSEGV)",
        127 => "ended with code 127 (command not found)",
        _ => $"ended with code {Code}",
    };

    /// <summary>One sentence, then the last lines, each indented.</summary>
    public string Describe(string when)
    {
        var text = new StringBuilder($"{Plan.Name} {Reason} {when}; all of its output is in {Plan.Log}.");
        foreach (var line in LastLines)
        {
            text.Append("\n    ").Append(line);
        }

        return text.ToString();
    }
}
