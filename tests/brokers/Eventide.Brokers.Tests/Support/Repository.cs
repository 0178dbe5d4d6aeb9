namespace Eventide.Brokers.Tests.Support;

/// <summary>Where things are.</summary>
internal static class Repository
{
    /// <summary>The folder with Dapr.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The sidecar as an executable of its own; it is built beside these tests.</summary>
    public static string Cli { get; } = Path.Combine(AppContext.BaseDirectory, "eventide.dll");

    private static string FindRoot()
    {
        var root = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(root, "Dapr.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException($"No Dapr.sln above {AppContext.BaseDirectory}.");
        }

        return root;
    }
}
