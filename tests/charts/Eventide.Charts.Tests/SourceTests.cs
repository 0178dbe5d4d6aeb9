using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

/// <summary>The chart's component files are copies of those in components/, because a packaged chart holds only what lies in its own folder.</summary>
public sealed class SourceTests
{
    public static TheoryData<string> Copies =>
    [
        "brokers/redis/pubsub.yaml", "brokers/rabbitmq/pubsub.yaml", "brokers/kafka/pubsub.yaml", "brokers/azure-servicebus/pubsub.yaml", "brokers/aws-snssqs/pubsub.yaml",
        "stores/redis/stores.yaml", "stores/postgresql/stores.yaml", "shared/resiliency.yaml", "shared/resiliency-operations.yaml",
    ];

    [Theory]
    [MemberData(nameof(Copies))]
    public void A_component_file_of_the_chart_is_that_of_components(string file)
    {
        var source = Repository.Path("components", file);
        if (File.Exists(source))
        {
            Derived.Check(Path.Combine(Repository.Chart, "files", "components", file), File.ReadAllText(source));
        }
    }

    [Fact]
    public void The_chart_has_no_other_component_files()
    {
        var folder = Path.Combine(Repository.Chart, "files", "components");

        Assert.Equal(
            Copies.Select(row => row.Data).Order(StringComparer.Ordinal),
            Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal));
    }
}
