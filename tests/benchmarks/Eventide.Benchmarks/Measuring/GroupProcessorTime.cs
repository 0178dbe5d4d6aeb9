using System.Globalization;

namespace Eventide.Benchmarks.Measuring;

/// <summary>Processor time of a server and of whatever it has started: a process group. Known on Linux only, and to a hundredth of a second.</summary>
internal static class GroupProcessorTime
{
    private const double TickMicroseconds = 10_000;

    /// <summary>Microseconds so far; 0 where it is not known.</summary>
    public static double Microseconds(int group)
    {
        if (!Directory.Exists("/proc/self"))
        {
            return 0;
        }

        var ticks = 0L;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(folder => char.IsDigit(Path.GetFileName(folder)[0])))
        {
            try
            {
                // After the name in brackets, which may contain anything: state ppid pgrp … utime is the 12th, stime the 13th.
                var stat = File.ReadAllText(Path.Combine(process, "stat"));
                var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
                if (fields[2] == group.ToString(CultureInfo.InvariantCulture))
                {
                    ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
                }
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return ticks * TickMicroseconds;
    }
}
