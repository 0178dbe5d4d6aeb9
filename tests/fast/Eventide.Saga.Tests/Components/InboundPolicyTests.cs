using YamlDotNet.RepresentationModel;

namespace Eventide.Saga.Tests.Components;

/// <summary>The retry of deliveries beside every broker, by Dapr's own arithmetic (dapr/kit: retry).</summary>
public sealed class InboundPolicyTests
{
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(15);

    // Dapr's defaults of an exponential policy.
    private const double FirstInterval = 0.5;
    private const double Multiplier = 1.5;
    private const double Jitter = 0.5;

    // A folder without pub/sub, such as that of an input binding, stands beside a broker.
    public static TheoryData<string> Brokers =>
    [
        .. Directory.GetDirectories(Path.Combine(AppContext.BaseDirectory, "components", "brokers"))
            .Where(folder => Documents(folder).Any(IsPubSub)).Select(folder => Path.GetFileName(folder)),
    ];

    [Theory]
    [MemberData(nameof(Brokers))]
    public void A_delivery_is_repeated_for_15_seconds_and_at_most_half_of_the_time_after_which_the_broker_delivers_again(string broker)
    {
        var intervals = Intervals(Policy()).ToList();
        var total = intervals.Sum();

        // Each interval is anything between half of it and half more, and not all of them are short at once: three standard deviations of the sum.
        var shortest = total - 3 * Math.Sqrt(intervals.Sum(interval => Math.Pow(interval * Jitter, 2) / 3));
        Assert.True(shortest >= Least.TotalSeconds, $"repeats end after {shortest:0.0} s in the worst case; a restart takes longer");
        Assert.True(total <= RedeliveryOf(broker) / 2, $"{broker}: repeats take {total:0.0} s, and the broker may deliver to another after {RedeliveryOf(broker)} s");
    }

    [Fact]
    public void Deliveries_have_neither_a_circuit_breaker_nor_a_timeout()
    {
        foreach (var resiliency in Documents("shared").Where(document => Text(document, "kind") == "Resiliency"))
        {
            foreach (var (_, target) in (YamlMappingNode)Node(resiliency, "spec", "targets", "components")!)
            {
                Assert.Null(Node(target, "inbound", "circuitBreaker"));
                Assert.Null(Node(target, "inbound", "timeout"));
            }
        }
    }

    private static YamlNode Policy()
    {
        // Operations reads dead letters and never gives up; it has a policy of its own.
        var resiliency = Documents("shared").Single(document => Text(document, "kind") == "Resiliency" && Text(document, "metadata", "name") == "delivery");
        var name = Text(resiliency, "spec", "targets", "components", "pubsub", "inbound", "retry")!;
        var policy = Node(resiliency, "spec", "policies", "retries", name)!;
        Assert.Equal("exponential", Text(policy, "policy"));
        return policy;
    }

    private static IEnumerable<double> Intervals(YamlNode policy)
    {
        var longest = Seconds(Text(policy, "maxInterval")!);
        return Enumerable.Range(0, int.Parse(Text(policy, "maxRetries")!)).Select(attempt => Math.Min(longest, FirstInterval * Math.Pow(Multiplier, attempt)));
    }

    /// <summary>Seconds after which the broker may take a message for abandoned that is still in hand.</summary>
    private static double RedeliveryOf(string broker)
    {
        var component = Documents(Path.Combine("brokers", broker)).Single(IsPubSub);
        string? Setting(string name) => ((YamlSequenceNode)Node(component, "spec", "metadata")!)
            .Where(item => Text(item, "name") == name).Select(item => Text(item, "value")).SingleOrDefault();
        return Text(component, "spec", "type") switch
        {
            // A pending message is claimed when it was idle for this long, by whoever looks next.
            "pubsub.redis" => Seconds(Setting("processingTimeout") ?? "15s"),

            // A message in hand is hidden for this long, whoever has it.
            "pubsub.aws.snssqs" => double.Parse(Setting("messageVisibilityTimeout") ?? "10"),

            // As long as the connection stands, the message stays in hand.
            _ => double.PositiveInfinity,
        };
    }

    private static bool IsPubSub(YamlNode document) => Text(document, "kind") == "Component" && Text(document, "metadata", "name") == "pubsub";

    private static double Seconds(string duration) => duration switch
    {
        _ when duration.EndsWith("ms", StringComparison.Ordinal) => double.Parse(duration[..^2]) / 1000,
        _ when duration.EndsWith('s') => double.Parse(duration[..^1]),
        _ => double.Parse(duration[..^1]) * 60,
    };

    private static IEnumerable<YamlNode> Documents(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "components", folder), "*.yaml"))
        {
            var stream = new YamlStream();
            using var text = File.OpenText(file);
            stream.Load(text);
            foreach (var document in stream.Documents.Where(document => document.RootNode is YamlMappingNode))
            {
                yield return document.RootNode;
            }
        }
    }

    private static string? Text(YamlNode node, params string[] path) => (Node(node, path) as YamlScalarNode)?.Value;

    private static YamlNode? Node(YamlNode node, params string[] path) => path.Aggregate(
        (YamlNode?)node, (current, name) => current is YamlMappingNode mapping && mapping.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null);
}
