using System.Collections.Concurrent;

namespace Eventide.Charts.Tests.Support;

/// <summary>The real Helm. A render is made once and kept. Thread-safe.</summary>
internal static class Helm
{
    private static readonly ConcurrentDictionary<string, Task<CommandResult>> Renders = new(StringComparer.Ordinal);

    /// <summary>The versions of Kubernetes that the chart is rendered for: the oldest that it takes, one without and those with a preStop that sleeps.</summary>
    public static IReadOnlyList<string> KubernetesVersions { get; } = ["1.28.0", "1.30.0", "1.33.0", "1.35.0"];

    /// <summary>One of them, where the version does not matter.</summary>
    public const string AnyVersion = "1.33.0";

    /// <summary>The APIs of operators that a cluster may have.</summary>
    public static IReadOnlyList<string> Operators { get; } = ["keda.sh/v1alpha1", "gateway.networking.k8s.io/v1", "monitoring.coreos.com/v1"];

    private static string Executable => Path.Combine(Repository.Tools, ".bin", "helm");

    /// <summary>Skips the test where Helm is missing.</summary>
    public static void Require() => Assert.SkipUnless(
        File.Exists(Executable), "Helm is missing: eng/charts.sh installs it with npm, and says why where it cannot.");

    /// <summary>Checks the chart with the values of a file of ci/.</summary>
    public static async Task<CommandResult> LintAsync(string ciFile)
    {
        Require();
        return await Command.RunAsync(Executable, ["lint", "--strict", Repository.Chart, "--values", CiFile(ciFile)], TestContext.Current.CancellationToken);
    }

    /// <summary>Renders the chart, and asserts that it could be.</summary>
    public static async Task<Render> RenderAsync(RenderOptions options)
    {
        var result = await TryRenderAsync(options);
        Assert.True(result.ExitCode == 0, $"{options} does not render: {result.Error}");
        return new Render(options, result.Output);
    }

    /// <summary>Renders the chart, if it can be.</summary>
    public static Task<CommandResult> TryRenderAsync(RenderOptions options)
    {
        Require();
        return Renders.GetOrAdd(string.Join('\n', Arguments(options)), _ => RenderAgainAsync(options));
    }

    /// <summary>Renders the chart, even if it was already.</summary>
    public static Task<CommandResult> RenderAgainAsync(RenderOptions options) => Command.RunAsync(Executable, Arguments(options), CancellationToken.None);

    /// <summary>The files of ci/, without the end of their names.</summary>
    public static IEnumerable<string> CiFiles() => Directory.EnumerateFiles(Path.Combine(Repository.Chart, "ci"), "*-values.yaml")
        .Select(file => Path.GetFileName(file)[..^"-values.yaml".Length]).Order(StringComparer.Ordinal);

    private static string CiFile(string name) => Path.Combine(Repository.Chart, "ci", $"{name}-values.yaml");

    private static IEnumerable<string> Arguments(RenderOptions options) =>
    [
        "template", "shop", options.Chart ?? Repository.Chart, "--namespace", "shop", "--kube-version", options.KubernetesVersion,
        .. options.Operators.SelectMany(api => new[] { "--api-versions", api }),
        .. options.CiFile is { } file ? new[] { "--values", CiFile(file) } : [],
        .. options.Broker is { } broker ? new[] { "--set", $"broker={broker}" } : [],
        .. options.Mode is { } mode ? new[] { "--set", $"autoscaling.mode={mode}" } : [],
        .. options.Set.SelectMany(pair => new[] { "--set", pair }),
        .. options.SetJson.SelectMany(pair => new[] { "--set-json", pair }),
    ];
}

/// <summary>What is rendered. Null leaves a value as it is.</summary>
internal sealed record RenderOptions(string? CiFile = null, string? Broker = null, string? Mode = null)
{
    public string KubernetesVersion { get; init; } = Helm.AnyVersion;

    /// <summary>The APIs that the cluster has beside Kubernetes' own.</summary>
    public IReadOnlyList<string> Operators { get; init; } = Helm.Operators;

    public IReadOnlyList<string> Set { get; init; } = [];

    public IReadOnlyList<string> SetJson { get; init; } = [];

    /// <summary>A chart other than the repository's.</summary>
    public string? Chart { get; init; }

    public override string ToString() =>
        string.Join(' ', new[] { CiFile, Broker, Mode, KubernetesVersion == Helm.AnyVersion ? null : KubernetesVersion }.OfType<string>().Concat(Set).Concat(SetJson));
}
