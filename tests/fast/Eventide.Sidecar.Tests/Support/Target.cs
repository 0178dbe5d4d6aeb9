namespace Eventide.Sidecar.Tests.Support;

/// <summary>
/// What the tests run against: the sidecar in this process, or the executable that the environment variable SIDECAR names (daprd, or our own in its place).
/// A test that the executable cannot pass is skipped with one of the reasons here.
/// </summary>
internal static class Target
{
    /// <summary>The executable; null is the sidecar in this process.</summary>
    public static string? Executable { get; } = Environment.GetEnvironmentVariable("SIDECAR") is { Length: > 0 } path ? Path.GetFullPath(path) : null;

    /// <summary>Whether sidecars are processes.</summary>
    public static bool IsProcess => Executable is not null;

    /// <summary>Placement and scheduler of Dapr, which lie beside daprd; our own executable runs workflows without them.</summary>
    public static string? ControlPlane => IsProcess && Path.GetFileNameWithoutExtension(Executable) != "eventide" ? Path.GetDirectoryName(Executable) : null;

    /// <summary>For a test that moves the clock, reads the log, opens the files or calls the classes of the sidecar.</summary>
    public static void NeedsOwnHost() => Assert.SkipWhen(IsProcess, "It needs the inside of a sidecar that runs in the test process.");

    /// <summary>For a test of sentences and answers that are ours, where daprd's differ or are not documented.</summary>
    public static void IsOurOwnAnswer() => Assert.SkipWhen(IsProcess, "The answer is our own: daprd's differs, or Dapr does not document it.");

    /// <summary>For a test of what pubsub.in-memory, the only broker that daprd has within itself, does not promise.</summary>
    public static void NeedsDurableBroker() => Assert.SkipWhen(IsProcess, "Its broker must keep messages, their order and their bulks; pubsub.in-memory does not.");

    /// <summary>For a test that runs workflows.</summary>
    public static void NeedsWorkflows() => Assert.SkipWhen(
        ControlPlane is { } folder && !(File.Exists(Path.Combine(folder, "placement")) && File.Exists(Path.Combine(folder, "scheduler"))),
        $"Workflows need Dapr's placement and scheduler beside {Executable}.");

    /// <summary>Skips what is not marked as a test of the documented API.</summary>
    public static void NeedsConformance() => Assert.SkipWhen(
        IsProcess && TestContext.Current.TestClass?.Traits.GetValueOrDefault("category")?.Contains(ConformanceAttribute.Category) != true,
        "It needs the inside of a sidecar that runs in the test process.");
}
