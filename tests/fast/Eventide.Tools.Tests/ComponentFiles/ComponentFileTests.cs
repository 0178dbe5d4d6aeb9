using Eventide.Tools.Shops;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Tests.ComponentFiles;

/// <summary>Every component file against what Dapr's own components allow, because no cloud is here to refuse it.</summary>
public sealed class ComponentFileTests
{
    private const string OnlyOurs = "pubsub.sqlite";
    private static readonly string[] Clouds = ["azure-servicebus", "aws-snssqs", "aws-kinesis"];
    private static readonly DaprComponents Dapr = new();

    public static TheoryData<string> Files => [.. Directory.EnumerateFiles(Repository.Components, "*.yaml", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Repository.Components, file)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_component_file_says_nothing_that_Dapr_would_not_understand(string file)
    {
        var faults = Components(File.ReadAllText(Path.Combine(Repository.Components, file)))
            .Where(component => $"{component["spec"]["type"]}" != OnlyOurs || !file.Contains("embedded", StringComparison.Ordinal))
            .SelectMany(component => Dapr.Faults(component, Clouds.Contains(Path.GetFileName(Path.GetDirectoryName(file)))));
        Assert.Empty(faults);
    }

    [Fact]
    public void Every_cloud_broker_has_the_names_that_the_services_use()
    {
        foreach (var (folder, file, name) in new[] { ("azure-servicebus", "pubsub", "pubsub"), ("aws-snssqs", "pubsub", "pubsub"), ("aws-kinesis", "vehicle-readings", "vehicle-readings") })
        {
            var component = Assert.Single(Components(File.ReadAllText(Path.Combine(Repository.Components, "brokers", folder, $"{file}.yaml"))));
            Assert.Equal(name, $"{component["metadata"]["name"]}");
        }
    }

    [Theory]
    [InlineData("value: localhost:6379", "value: localhost:6379")]
    [InlineData("name: redisHost", "name: redisHosts", "redisHost is required", "pubsub.redis does not know the setting redisHosts")]
    [InlineData("value: 60s", "value: sixty", "processingTimeout is sixty, which is no duration")]
    [InlineData("value: \"10\"", "value: ten", "queueDepth is ten, which is no number")]
    [InlineData("value: node", "value: nodes", "redisType is nodes, which is no allowed value")]
    [InlineData("value: \"true\"", "value: \"yes\"", "enableTLS is yes, which is no bool")]
    [InlineData("version: v1", "version: v2", "pubsub.redis has the version v1, not v2")]
    [InlineData("type: pubsub.redis", "type: pubsub.rediss", "Dapr's type pubsub.rediss is not in the list")]
    [InlineData("type: pubsub.redis", "type: bindings.aws.kinesis", "streamName is required", "no way to sign in is complete; there are accessKey+region+secretKey")]
    [InlineData("secretKeyRef: { name: redis, key: password }", "value: secret", "redisPassword is a secret and has to be a secretKeyRef")]
    public void A_fault_is_found(string right, string wrong, params string[] expected)
    {
        const string file = """
            kind: Component
            spec:
              type: pubsub.redis
              version: v1
              metadata:
              - name: redisHost
                value: localhost:6379
              - name: processingTimeout
                value: 60s
              - name: queueDepth
                value: "10"
              - name: redisType
                value: node
              - name: enableTLS
                value: "true"
              - name: consumerID
                value: "{appID}"
              - name: redisPassword
                secretKeyRef: { name: redis, key: password }
            """;
        var faults = Components(file.Replace(right, wrong)).SelectMany(component => Dapr.Faults(component, secretsByReference: true)).ToList();
        Assert.Equal(expected, faults.Take(expected.Length));
        Assert.Equal(expected.Length > 0, faults.Count > 0);
    }

    private static IEnumerable<YamlNode> Components(string text)
    {
        var yaml = new YamlStream();
        yaml.Load(new StringReader(text));
        return yaml.Documents.Select(document => document.RootNode).Where(root => $"{root["kind"]}" == "Component");
    }
}
