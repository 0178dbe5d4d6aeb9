using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

/// <summary>Renders that are kept, so that a review sees what a change to a template does to a cluster.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Names => [.. Kept.Keys];

    // Of the renders that differ from another in a part, only that part is kept.
    private static readonly string[] OfTheBroker = ["Component", "ScaledObject", "TriggerAuthentication"];

    private static Dictionary<string, (RenderOptions Options, string[] Kinds)> Kept { get; } = new(StringComparer.Ordinal)
    {
        ["default"] = (new RenderOptions("default"), []),
        ["gateway"] = (new RenderOptions("gateway"), ["HTTPRoute", "ConfigMap", "ScaledObject", "Service", "Resiliency"]),
        ["more-services-keda"] = (new RenderOptions("more-services", Mode: "keda"), ["Component", "Configuration", "Resiliency", "ScaledObject"]),
        ["production-redis-keda"] = (new RenderOptions("production"), []),
        ["production-redis-hpa"] = (new RenderOptions("production", Mode: "hpa"), ["HorizontalPodAutoscaler"]),
        ["production-rabbitmq-keda"] = (new RenderOptions("production", "rabbitmq"), OfTheBroker),
        ["production-kafka-keda"] = (new RenderOptions("production", "kafka"), OfTheBroker),
        ["production-servicebus-keda"] = (new RenderOptions("production", "servicebus"), OfTheBroker),
        ["production-snssqs-keda"] = (new RenderOptions("production", "snssqs"), OfTheBroker),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_render_is_the_one_that_is_kept(string name)
    {
        var (options, kinds) = Kept[name];
        var render = await Helm.RenderAsync(options);
        var text = kinds.Length == 0 ? render.Text
            : string.Concat(render.Text.Split("---\n").Where(part => kinds.Any(kind => part.Contains($"\nkind: {kind}\n", StringComparison.Ordinal))).Select(part => $"---\n{part}"));

        Derived.Check(Path.Combine(Repository.Golden, $"{name}.yaml"), text);
    }

    [Fact]
    public void No_render_is_kept_that_nothing_makes() => Assert.Equal(
        Kept.Keys.Order(StringComparer.Ordinal), Directory.EnumerateFiles(Repository.Golden, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal));
}
