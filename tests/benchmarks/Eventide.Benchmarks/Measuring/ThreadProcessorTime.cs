using System.Globalization;

namespace Eventide.Benchmarks.Measuring;

/// <summary>Processor time of the threads of one name in another process. Known on Linux only, and to a hundredth of a second; the kernel keeps 15 letters of a name.</summary>
internal static class ThreadProcessorTime
{
    private const double TickMicroseconds = 10_000;
    private const int LongestName = 15;

    /// <summary>Microseconds so far; 0 where it is not known.</summary>
    public static double Microseconds(int pid, string name)
    {
        if (!Directory.Exists($"/proc/{pid}/task"))
        {
            return 0;
        }

        var known = name.Length > LongestName ? name[..LongestName] : name;
        return TickMicroseconds * Directory.EnumerateDirectories($"/proc/{pid}/task").Sum(thread => Ticks(thread, known));
    }

    private static long Ticks(string thread, string name)
    {
        try
        {
            if (File.ReadAllText(Path.Combine(thread, "comm")).TrimEnd('\n') != name)
            {
                return 0;
            }

            // After the name in brackets: utime is the 12th, stime the 13th.
            var stat = File.ReadAllText(Path.Combine(thread, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return 0;
        }
    }
}
