using System.Diagnostics;
using System.Globalization;
using Eventide.Tools.Shops;

namespace Eventide.Benchmarks.Measuring;

/// <summary>The sidecar processes of a shop that was started with one per app. Linux only: the process table is read from /proc.</summary>
internal static class SidecarProcesses
{
    /// <summary>The process of each app's sidecar, by app id.</summary>
    /// <exception cref="InvalidOperationException">There is no process table to read, or an app has none.</exception>
    public static IReadOnlyDictionary<string, int> Of(RunState shop)
    {
        if (!Directory.Exists("/proc/self"))
        {
            throw new InvalidOperationException("The sidecars' processes are found in /proc, which only Linux has.");
        }

        var byApp = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var process in Process.GetProcesses())
        {
            using (process)
            {
                if (AppIdOf(process.Id) is { } app && shop.Apps.Any(running => running.AppId == app) && IsBelow(process.Id, shop.Pid))
                {
                    byApp[app] = process.Id;
                }
            }
        }

        var without = shop.Apps.Select(app => app.AppId).Where(app => !byApp.ContainsKey(app)).ToList();
        return without.Count == 0 ? byApp : throw new InvalidOperationException($"No sidecar process was found of {string.Join(", ", without)}.");
    }

    private static string? AppIdOf(int pid)
    {
        try
        {
            var arguments = File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
            var index = Array.FindIndex(arguments, argument => argument is "--app-id" or "-app-id");
            return index >= 0 && index + 1 < arguments.Length ? arguments[index + 1] : null;
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }

    private static bool IsBelow(int pid, int ancestor)
    {
        while (pid > 1 && pid != ancestor)
        {
            try
            {
                pid = int.Parse(File.ReadLines($"/proc/{pid}/status").First(line => line.StartsWith("PPid:", StringComparison.Ordinal))[5..], CultureInfo.InvariantCulture);
            }
            catch (IOException)
            {
                return false;
            }
        }

        return pid == ancestor;
    }
}
