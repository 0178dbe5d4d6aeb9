using Eventide.Scaling.Chart;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Tests.Chart;

/// <summary>What is read from a render is what stands in it, and what Kubernetes or KEDA add.</summary>
public class RenderedChartTests
{
    private const string Deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: shop-inventory
        spec:
          template:
            metadata:
              annotations:
                dapr.io/app-id: inventory
                dapr.io/sidecar-cpu-request: 100m
                dapr.io/sidecar-cpu-limit: "1"
            spec:
              containers:
                - name: inventory
                  resources:
                    requests: { cpu: 250m }
                    limits: { cpu: "1.5" }
        """;

    [Fact]
    public void Requests_and_limits_are_those_of_app_and_sidecar()
    {
        var service = Read("").Services["inventory"];

        Assert.Equal(new Cores(250, 100), service.Request);
        Assert.Equal(new Cores(1500, 1000), service.Limit);
        Assert.Equal(new FixedReplicas(1), service.Autoscaling);
    }

    [Fact]
    public void An_autoscaler_is_read_with_the_defaults_that_kubernetes_fills_in()
    {
        var hpa = Assert.IsType<ByHpa>(Read("""
            kind: HorizontalPodAutoscaler
            spec:
              scaleTargetRef: { name: shop-inventory }
              maxReplicas: 8
              metrics:
                - type: ContainerResource
                  containerResource: { name: cpu, container: inventory, target: { type: Utilization, averageUtilization: 70 } }
              behavior:
                scaleDown:
                  stabilizationWindowSeconds: 120
                  policies: [ { type: Percent, value: 50, periodSeconds: 60 } ]
            """).Services["inventory"].Autoscaling).Spec;

        Assert.Equal((1, 8), (hpa.MinReplicas, hpa.MaxReplicas));
        Assert.Equal([new UtilizationMetric("cpu", 70, IsAppOnly: true)], hpa.Metrics);
        Assert.Same(ScalingRules.DefaultUp.Policies, hpa.Behavior!.ScaleUp.Policies);
        Assert.Equal(TimeSpan.FromSeconds(120), hpa.Behavior.ScaleDown.StabilizationWindow);
        Assert.Equal([new ScalingPolicy(PolicyType.Percent, 50, TimeSpan.FromSeconds(60))], hpa.Behavior.ScaleDown.Policies);
    }

    [Fact]
    public void Triggers_of_every_broker_are_read_with_their_topic()
    {
        var keda = Assert.IsType<ByKeda>(Read("""
            kind: ScaledObject
            spec:
              scaleTargetRef: { name: shop-inventory }
              minReplicaCount: 1
              maxReplicaCount: 12
              fallback: { failureThreshold: 3, replicas: 4 }
              triggers:
                - type: redis-streams
                  metadata: { stream: stock-requests, consumerGroup: inventory, lagCount: "40", activationLagCount: "1" }
                - type: redis-streams
                  metadata: { stream: stock-requests, consumerGroup: inventory, pendingEntriesCount: "30" }
                - type: rabbitmq
                  metadata: { queueName: inventory-stock-requests, mode: QueueLength, value: "20", protocol: http }
                - type: kafka
                  metadata: { topic: stock-requests, consumerGroup: inventory, lagThreshold: "15" }
                - type: cron
                  metadata: { timezone: Europe/Berlin, start: 0 18 * * *, end: 0 23 * * *, desiredReplicas: "3" }
            """).Services["inventory"].Autoscaling).Spec;

        Assert.Equal(new FallbackSpec(3, 4), keda.Fallback);
        Assert.Equal(
            [
                new RedisLagTrigger("redis-streams-0", 40, 1) { Topic = "stock-requests" },
                new RedisPendingTrigger("redis-streams-1", 30) { Topic = "stock-requests" },
                new RabbitMqQueueTrigger("rabbitmq-2", 20, CountsInHand: true) { Topic = "stock-requests" },
                new KafkaLagTrigger("kafka-3", 15) { Topic = "stock-requests" },
            ],
            keda.Triggers.Take(4));
        Assert.Equal(3, Assert.IsType<CronTrigger>(keda.Triggers[4]).Replicas);
    }

    [Theory]
    [InlineData("{ type: redis-streams, metadata: { stream: a, consumerGroup: b } }", "shop-inventory: redis-streams-0 has neither lagCount nor pendingEntriesCount")]
    [InlineData("{ type: mssql, metadata: { query: q } }", "shop-inventory: The model does not know triggers of type mssql")]
    [InlineData("{ type: kafka, metadata: { consumerGroup: b } }", "shop-inventory: topic is missing.")]
    public void What_the_model_cannot_follow_is_an_error_and_not_left_out(string trigger, string expected)
    {
        var yaml = $"kind: ScaledObject\nspec:\n  scaleTargetRef: {{ name: shop-inventory }}\n  triggers: [ {trigger} ]";

        Assert.StartsWith(expected, Assert.Throws<InvalidDataException>(() => Read(yaml)).Message);
    }

    private static RenderedChart Read(string autoscaler) => RenderedChart.Parse(new StringReader($"{Deployment}\n---\n{autoscaler}"));
}
