using Eventide.Scaling.Keda;
using Eventide.Scaling.Local.Brokers;
using Eventide.Tools;

namespace Eventide.Scaling.Tests.Local;

/// <summary>What is read of brokers, and which broker it is.</summary>
public sealed class BacklogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-backlog-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_gauge_of_a_sidecar_is_read_by_topic_and_other_lines_are_not()
    {
        const string metrics = """
            # HELP eventide_pubsub_backlog_messages Messages that the app's consumer group has not acknowledged: waiting, or in_hand of a handler.
            # TYPE eventide_pubsub_backlog_messages gauge
            eventide_pubsub_backlog_messages{app_id="payment",component="pubsub",topic="payment-requests",state="waiting"} 41
            eventide_pubsub_backlog_messages{app_id="payment",component="pubsub",topic="payment-requests",state="in_hand"} 16
            eventide_pubsub_backlog_messages{app_id="payment",component="pubsub",topic="other, with comma",state="waiting"} 3
            eventide_pubsub_backlog_messages{app_id="payment",component="another",topic="payment-requests",state="waiting"} 9000
            dapr_component_pubsub_egress_count{app_id="payment",component="pubsub",topic="payments",success="true"} 7

            """;

        Assert.Equal(
            new Dictionary<string, BacklogReading> { ["payment-requests"] = new(41, 16), ["other, with comma"] = new(3, 0) }, EmbeddedBacklog.Parse(metrics, "pubsub"));
        Assert.Empty(EmbeddedBacklog.Parse("", "pubsub"));
    }

    [Fact]
    public void The_broker_is_the_component_of_that_name_whatever_else_lies_beside_it()
    {
        File.WriteAllText(Path.Combine(_folder, "a.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: pubsub
            spec: {}
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: state
            spec:
              type: state.redis
            """);
        File.WriteAllText(Path.Combine(_folder, "b.yml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.redis
              version: v1
              metadata:
                - name: redisHost
                  value: localhost:7000
                - name: redisPassword
                  secretKeyRef:
                    name: redis
                    key: password
            """);

        var broker = BrokerComponent.Find([Path.Combine(_folder, "missing"), _folder], "pubsub");

        Assert.Equal(("pubsub.redis", "localhost:7000"), (broker.Type, broker.Required("redisHost")));
        Assert.EndsWith("production-redis-keda.yaml", BacklogReaders.ChartFor(broker));
        Assert.Contains("does not say redisPassword as a plain value", Assert.Throws<ToolException>(() => broker.Required("redisPassword")).Message);
    }

    [Fact]
    public void Without_such_a_component_or_for_another_kind_of_broker_one_sentence_says_what_to_do()
    {
        Assert.Contains("start the shop with `make run`", Assert.Throws<ToolException>(() => BrokerComponent.Find([_folder], "pubsub")).Message);
        var broker = new BrokerComponent("x.yaml", "pubsub.gcp.pubsub", new Dictionary<string, string>());
        Assert.Contains("use embedded, redis, rabbitmq or kafka", Assert.Throws<ToolException>(() => BacklogReaders.Create(broker, () => null)).Message);
    }
}
