using Eventide.Contracts;

namespace Eventide.Tools.Shops;

/// <summary>Where this tool was built, and with it the run file and the runner.</summary>
internal static class Repository
{
    /// <exception cref="ToolException">The tool was moved away from its repository.</exception>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    public static string RunFile => RunFileOf(ShopShape.Services);

    /// <summary>The run file of a shape.</summary>
    public static string RunFileOf(ShopShape shape) => Path.Combine(Root, shape == ShopShape.Monolith ? "monolith.yaml" : "dapr.yaml");

    public static string Components => Path.Combine(Root, "components");

    /// <summary>The component folders with which a shop needs nothing installed.</summary>
    public static string[] EmbeddedComponents { get; } =
        [Path.Combine(Components, "brokers/embedded"), Path.Combine(Components, "stores/sqlite"), Path.Combine(Components, "shared")];

    public static string Runner => Path.Combine(Root, "sidecar/Eventide.Sidecar.Cli/bin/Release/net10.0/eventide.dll");

    private static string Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Dapr.sln")))
            {
                return folder.FullName;
            }
        }

        throw new ToolException($"{start} is not inside of the repository, so there is no dapr.yaml to start the shop from; run the tool with make.");
    }
}
