namespace Eventide.Scaling.Tests;

/// <summary>The files of this repository.</summary>
internal static class Repository
{
    /// <summary>The folder with Dapr.sln.</summary>
    public static string Root { get; } = Find(AppContext.BaseDirectory);

    private static string Find(string folder) => File.Exists(Path.Combine(folder, "Dapr.sln"))
        ? folder
        : Find(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Dapr.sln is in none of the folders above the tests."));
}
