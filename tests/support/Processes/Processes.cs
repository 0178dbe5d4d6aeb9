using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Eventide.TestSupport;

/// <summary>Real processes and real signals.</summary>
internal static class Processes
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Sends a signal.</summary>
    public static void Signal(int process, int signal) => Assert.Equal(0, SendSignal(process, signal));

    /// <summary>Whether it runs; one that nobody has reaped does not.</summary>
    public static bool IsRunning(int process)
    {
        try
        {
            using var found = Process.GetProcessById(process);
            var stat = $"/proc/{process}/stat";
            return !found.HasExited && !(File.Exists(stat) && File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal));
        }
        catch (Exception gone) when (gone is ArgumentException or IOException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Returns when <paramref name="condition"/> holds; fails, saying what was waited for, after twenty seconds or <paramref name="patience"/>.</summary>
    public static Task UntilAsync(string what, Func<bool> condition, TimeSpan? patience = null) => UntilAsync(what, () => Task.FromResult(condition()), patience);

    /// <inheritdoc cref="UntilAsync(string, Func{bool}, TimeSpan?)"/>
    public static async Task UntilAsync(string what, Func<Task<bool>> condition, TimeSpan? patience = null)
    {
        var begin = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(begin) < (patience ?? Patience), $"Waited for: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}
