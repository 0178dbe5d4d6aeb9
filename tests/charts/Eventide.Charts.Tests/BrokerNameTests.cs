using Eventide.Charts.Tests.Support;
using Eventide.Contracts;

namespace Eventide.Charts.Tests;

/// <summary>The names that the chart derives from its lists are those that the services' contracts and Dapr make.</summary>
public sealed class BrokerNameTests
{
    private static readonly IReadOnlyList<(string App, string Topic)> Groups =
    [
        .. Subscriptions.All.Select(subscription => (subscription.App, subscription.Topic)),
        .. Subscriptions.ObservedTopics.Select(topic => (Subscriptions.Observer, topic)),
    ];

    private static readonly IReadOnlyList<string> DeadLetterTopics = [.. Groups.Select(group => Topics.DeadLetter(group.App, group.Topic))];

    [Fact]
    public async Task Redis_triggers_read_the_stream_and_the_group_of_every_subscription_waiting_and_in_work()
    {
        var triggers = await TriggersAsync("redis");

        foreach (var count in new[] { "lagCount", "pendingEntriesCount" })
        {
            Assert.Equal(
                ScaledByBacklog().Order(),
                triggers.Where(trigger => trigger.Metadata.ContainsKey(count)).Select(trigger => (trigger.Metadata["consumerGroup"], trigger.Metadata["stream"])).Order());
        }

        Assert.All(triggers, trigger => Assert.Equal(trigger.App, trigger.Metadata["consumerGroup"]));
    }

    [Fact]
    public async Task RabbitMQ_triggers_read_the_queue_of_every_subscription() => Assert.Equal(
        ScaledByBacklog().Select(group => $"{group.App}-{group.Topic}").Order(),
        (await TriggersAsync("rabbitmq")).Select(trigger => trigger.Metadata["queueName"]).Order());

    [Fact]
    public async Task Kafka_triggers_read_the_group_and_topic_of_every_subscription_from_where_the_component_begins()
    {
        var triggers = await TriggersAsync("kafka");

        Assert.Equal(ScaledByBacklog().Order(), triggers.Select(trigger => (trigger.Metadata["consumerGroup"], trigger.Metadata["topic"])).Order());
        Assert.All(triggers, trigger => Assert.Equal("earliest", trigger.Metadata["offsetResetPolicy"]));
        Assert.Contains(await PubSubAsync("kafka"), setting => setting is { Key: "initialOffset", Value: "oldest" });
    }

    // Dapr's documented rule; nobody here has seen it with the real service.
    [Fact]
    public async Task Service_Bus_triggers_read_the_subscription_that_Dapr_documents() => Assert.Equal(
        ScaledByBacklog().Order(),
        (await TriggersAsync("servicebus")).Select(trigger => (trigger.Metadata["subscriptionName"], trigger.Metadata["topicName"])).Order());

    // Dapr's documented rule; nobody here has seen it with the real service.
    [Fact]
    public async Task SQS_triggers_read_the_one_queue_of_each_app_that_Dapr_documents() => Assert.Equal(
        ScaledByBacklog().Select(group => group.App).Distinct().Order(), (await TriggersAsync("snssqs")).Select(trigger => trigger.Metadata["queueURL"]).Order());

    [Fact]
    public async Task Every_app_may_publish_and_subscribe_to_its_own_topics_only()
    {
        foreach (var broker in Matrix.Brokers)
        {
            var settings = await PubSubAsync(broker);
            var all = settings["protectedTopics"].Split(',');

            Assert.Equal(Subscriptions.ObservedTopics.Concat([Topics.Telemetry, Topics.FleetAlerts]).Concat(DeadLetterTopics).Order(), all.Order());
            Assert.Equal(all, settings["allowedTopics"].Split(','));
            var subscribing = Scopes(settings["subscriptionScopes"]);
            foreach (var (app, topics) in subscribing)
            {
                var expected = Groups.Where(group => group.App == app).Select(group => group.Topic).Concat(app == Subscriptions.Observer ? DeadLetterTopics : []);
                Assert.Equal(expected.Order(), topics.Order());
            }

            var publishing = Scopes(settings["publishingScopes"]);
            Assert.All(Groups, group => Assert.Contains(Topics.DeadLetter(group.App, group.Topic), publishing[group.App]));
            Assert.Equal(Subscriptions.ObservedTopics.Concat([Topics.Telemetry, Topics.FleetAlerts]).Order(), publishing.Where(pair => pair.Key != Subscriptions.Observer).SelectMany(pair => pair.Value).Except(DeadLetterTopics).Order());
        }
    }

    [Theory]
    [InlineData("redis", "queueDepth")]
    [InlineData("rabbitmq", "prefetchCount")]
    [InlineData("servicebus", "maxActiveMessages")]
    [InlineData("snssqs", "messageMaxNumber")]
    public async Task What_a_replica_fetches_ahead_is_bounded_below_what_KEDA_counts_as_one_replica(string broker, string setting)
    {
        var ahead = int.Parse((await PubSubAsync(broker))[setting], System.Globalization.CultureInfo.InvariantCulture);

        Assert.InRange(ahead, 1, 39);
    }

    [Fact]
    public async Task A_group_is_never_shared_by_two_apps()
    {
        foreach (var broker in Matrix.Brokers)
        {
            var settings = await PubSubAsync(broker);
            Assert.DoesNotContain("consumerID", settings.Keys);
            Assert.DoesNotContain("consumerGroup", settings.Keys);
        }
    }

    // Catalog and basket are scaled by processor time: people wait for them, not messages.
    private static IEnumerable<(string App, string Topic)> ScaledByBacklog() => Groups.Where(group => group.App is not ("catalog" or "basket"));

    private static Dictionary<string, string[]> Scopes(string text) => text.Split(';').Select(entry => entry.Split('=')).ToDictionary(pair => pair[0], pair => pair[1].Split(',', StringSplitOptions.RemoveEmptyEntries));

    private static async Task<IReadOnlyDictionary<string, string>> PubSubAsync(string broker)
    {
        var render = await Helm.RenderAsync(new RenderOptions("default", broker, "keda"));
        return render.Of("Component").Single(component => component.Name == "pubsub").Items("spec", "metadata")
            .Where(setting => KubernetesObject.Text(setting, "value") is not null)
            .ToDictionary(setting => KubernetesObject.Text(setting, "name")!, setting => KubernetesObject.Text(setting, "value")!);
    }

    private static async Task<IReadOnlyList<(string App, IReadOnlyDictionary<string, string> Metadata)>> TriggersAsync(string broker)
    {
        var render = await Helm.RenderAsync(new RenderOptions("default", broker, "keda"));
        return
        [
            .. from scaled in render.Of("ScaledObject")
               from trigger in scaled.Items("spec", "triggers")
               where KubernetesObject.Text(trigger, "type") is not ("cpu" or "cron")
               select (scaled.Text("metadata", "labels", "app.kubernetes.io/name")!, KubernetesObject.Map(KubernetesObject.At(trigger, "metadata"))),
        ];
    }
}
