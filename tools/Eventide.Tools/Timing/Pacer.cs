using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Eventide.Tools.Timing;

/// <summary>
/// Wakes a thread at given times. Timers of .NET are good to a millisecond, which is the whole distance between two requests at 1000/s, and spinning would take
/// one of the cores that are measured; so on Linux the kernel is asked directly, which is good to some microseconds. Elsewhere it sleeps in milliseconds and the
/// driver's own lag, which is reported, is larger.
/// </summary>
internal static partial class Pacer
{
    private const int Monotonic = 1;
    private const int AbsoluteTime = 1;
    private const int SetTimerSlack = 29;

    /// <summary>Once per thread: wake as exactly as the kernel can, instead of up to 50 µs late to save power.</summary>
    public static void PrepareThread()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = Control(SetTimerSlack, 1, 0, 0, 0);
        }
    }

    /// <summary>Blocks until <paramref name="timestamp"/>, a <see cref="Stopwatch"/> timestamp.</summary>
    public static void WaitUntil(long timestamp)
    {
        if (OperatingSystem.IsLinux())
        {
            // Stopwatch counts nanoseconds of the monotonic clock here.
            var due = new Timespec((nint)(timestamp / 1_000_000_000), (nint)(timestamp % 1_000_000_000));
            while (timestamp > Stopwatch.GetTimestamp() && Sleep(Monotonic, AbsoluteTime, due, 0) != 0)
            {
            }

            return;
        }

        while (Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp) is { TotalMilliseconds: > 0.5 } left)
        {
            Thread.Sleep(left);
        }
    }

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int Sleep(int clock, int flags, in Timespec request, nint remaining);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint argument2, nuint argument3, nuint argument4, nuint argument5);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(nint Seconds, nint Nanoseconds);
}
