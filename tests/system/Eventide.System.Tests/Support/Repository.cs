namespace Eventide.SystemTests.Support;

/// <summary>Where things are.</summary>
internal static class Repository
{
    /// <summary>The folder with Dapr.sln.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The sidecar and runner.</summary>
    public static string Cli { get; } = Output("sidecar/Eventide.Sidecar.Cli", "eventide.dll");

    /// <summary>The app of these tests.</summary>
    public static string TestApp { get; } = Output("tests/support/Eventide.TestApp", "Eventide.TestApp.dll");

    /// <summary>The arguments that make the runner take the components which need nothing installed.</summary>
    public static string[] EmbeddedComponents { get; } =
        [.. new[] { "brokers/embedded", "stores/sqlite", "shared" }.SelectMany(folder => new[] { "--resources", Path.Combine(Root, "components", folder) })];

    private static string Output(string project, string file)
    {
        // .../bin/Release/net10.0: the same configuration as this assembly's.
        var (framework, configuration) = (Path.GetFileName(Folder), Path.GetFileName(Path.GetDirectoryName(Folder)!));
        return Path.Combine(Root, project, "bin", configuration, framework, file);
    }

    private static string Folder => Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    private static string FindRoot()
    {
        var root = Folder;
        while (!File.Exists(Path.Combine(root, "Dapr.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException($"No Dapr.sln above {Folder}.");
        }

        return root;
    }
}
