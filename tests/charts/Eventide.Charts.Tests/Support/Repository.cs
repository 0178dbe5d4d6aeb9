using System.Runtime.CompilerServices;

namespace Eventide.Charts.Tests.Support;

/// <summary>Where things are in the repository.</summary>
internal static class Repository
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The chart.</summary>
    public static string Chart => Path("charts", "eventide");

    /// <summary>The renders that are kept with the tests.</summary>
    public static string Golden => Path("tests", "charts", "Eventide.Charts.Tests", "Golden");

    /// <summary>What eng/charts.sh installs.</summary>
    public static string Tools => Path("artifacts", "chart-tools", "node_modules");

    /// <summary>Whether files that are derived from others are written anew instead of compared (<c>make chart</c>).</summary>
    public static bool Renews => Environment.GetEnvironmentVariable("RENEW") == "1";

    /// <summary>A path below the root.</summary>
    public static string Path(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Root, .. parts]);

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(System.IO.Path.GetDirectoryName(here)!);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "Dapr.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException($"There is no Dapr.sln above {here}.");
        }

        return folder.FullName;
    }
}
