using System.Collections.Concurrent;
using System.Text;
using Eventide.Brokers.Tests.Support;
using Eventide.Contracts;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Tests.Support;
using RabbitMQ.Client;

namespace Eventide.Brokers.Tests.RabbitMq;

/// <summary>What is RabbitMQ's own: names and arguments on the wire, and what the broker refuses.</summary>
public sealed partial class RabbitMqTests(RabbitMqNode node) : IClassFixture<RabbitMqNode>, IAsyncLifetime
{
    private static readonly Dictionary<string, string> Nothing = [];
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly LogLines _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Topic => $"orders-{_run}";

    private string Queue => $"shop-{Topic}";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(node.Server is null, "RabbitMQ is not installed: `make brokers` installs it (package rabbitmq-server).");
        await node.Server.StartAsync(Cancel);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _log.Dispose();
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_topic_is_a_fanout_exchange_and_a_subscription_a_classic_queue_named_after_app_and_topic()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        await using var subscription = await broker.SubscribeAsync(Request(), (_, _) => Task.CompletedTask, Cancel);

        Assert.Equal(["fanout", "true", "false"], (await node.ListAsync("list_exchanges", "name", "type", "durable", "auto_delete")).Single(row => row[0] == Topic)[1..]);
        var queue = (await node.ListAsync("list_queues", "name", "durable", "auto_delete", "arguments")).Single(row => row[0] == Queue);
        Assert.Equal(["true", "false", """[{"x-queue-type","classic"}]"""], queue[1..]);
        Assert.Equal([Topic, "exchange", Queue, "queue", ""], (await node.ListAsync("list_bindings", "source_name", "source_kind", "destination_name", "destination_kind", "routing_key"))
            .Single(row => row[0] == Topic));
    }

    [Fact]
    public async Task Every_queue_that_the_chart_lets_KEDA_watch_is_what_a_subscription_makes()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var triggers = RenderedTriggers.Of("rabbitmq", "queueName", "mode").Select(trigger => trigger.First).ToList();
        foreach (var subscription in Subscriptions.All.Select(subscription => (subscription.App, subscription.Topic))
            .Concat(Subscriptions.ObservedTopics.Select(topic => (App: Subscriptions.Observer, Topic: topic))))
        {
            await using var subscribed = await broker.SubscribeAsync(new SubscribeRequest(subscription.Topic, subscription.App, Nothing), (_, _) => Task.CompletedTask, Cancel);
        }

        var queues = (await node.ListAsync("list_queues", "name")).Select(row => row[0]).ToHashSet();
        Assert.All(triggers, queue => Assert.Contains(queue, queues));
    }

    [Fact]
    public async Task Dapr_s_own_defaults_are_the_defaults_here()
    {
        await using var broker = await RabbitMqNode.OpenAsync(new Dictionary<string, string> { ["connectionString"] = node.Server!.Address });
        await using var subscription = await broker.SubscribeAsync(Request(), (_, _) => Task.CompletedTask, Cancel);

        Assert.Equal(["fanout", "true", "true"], (await node.ListAsync("list_exchanges", "name", "type", "durable", "auto_delete")).Single(row => row[0] == Topic)[1..]);
        Assert.Equal(["true", "true"], (await node.ListAsync("list_queues", "name", "durable", "auto_delete")).Single(row => row[0] == Queue)[1..]);
        Assert.Equal(["0"], (await node.ListAsync("list_consumers", "queue_name", "prefetch_count")).Single(row => row[0] == Queue)[1..]);
    }

    [Fact]
    public async Task Settings_and_metadata_of_the_subscription_become_the_arguments_that_Dapr_declares()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings(("enableDeadLetter", "true"), ("maxLen", "1000"), ("exchangeKind", "topic")));
        var metadata = new Dictionary<string, string>
        {
            ["queueName"] = $"own-{_run}",
            ["routingKey"] = "eu.*,us.#",
            ["maxPriority"] = "300",
            ["maxLenBytes"] = "5000000000",
            ["singleActiveConsumer"] = "true",
        };
        await using var subscription = await broker.SubscribeAsync(Request(metadata), (_, _) => Task.CompletedTask, Cancel);

        // As the first one to declare them would: the broker refuses anything else.
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync(Topic, "topic", durable: true, autoDelete: false, cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync($"dlx-own-{_run}", "fanout", durable: true, autoDelete: false, cancellationToken: Cancel);
        await channel.QueueDeclareAsync($"dlq-own-{_run}", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
        {
            ["x-max-length"] = 1000L,
            ["x-queue-mode"] = "lazy",
        }, cancellationToken: Cancel);
        await channel.QueueDeclareAsync($"own-{_run}", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
        {
            ["x-dead-letter-exchange"] = $"dlx-own-{_run}",
            ["x-max-length"] = 1000L,
            ["x-max-length-bytes"] = 5_000_000_000L,
            ["x-max-priority"] = (byte)255,
            ["x-single-active-consumer"] = true,
            ["x-queue-type"] = "classic",
        }, cancellationToken: Cancel);
        var bindings = await node.ListAsync("list_bindings", "source_name", "destination_name", "routing_key");
        Assert.Equal(["eu.*", "us.#"], bindings.Where(row => row[0] == Topic && row[1] == $"own-{_run}").Select(row => row[2]).Order());
        Assert.Contains(bindings, row => row[0] == $"dlx-own-{_run}" && row[1] == $"dlq-own-{_run}" && row.ElementAtOrDefault(2) is null or "");
    }

    [Fact]
    public async Task A_quorum_queue_is_what_a_subscription_gets_that_asks_for_one()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var received = new ConcurrentQueue<PubSubMessage>();
        await using var subscription = await broker.SubscribeAsync(Request(new() { ["queueType"] = "quorum" }), Into(received), Cancel);
        await broker.PublishAsync(Message("1"), Cancel);

        await Wait.UntilAsync(() => received.Count == 1);
        Assert.Equal("quorum", (await node.ListAsync("list_queues", "name", "type")).Single(row => row[0] == Queue)[1]);
    }

    [Fact]
    public async Task A_message_has_the_properties_that_Dapr_gives_it_and_no_headers()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync(Topic, "fanout", durable: true, autoDelete: false, cancellationToken: Cancel);
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await channel.QueueBindAsync(Queue, Topic, "", cancellationToken: Cancel);

        await broker.PublishAsync(Message("plain"), Cancel);
        await broker.PublishAsync(
            Message("all", new()
            {
                ["ttlInSeconds"] = "90",
                ["priority"] = "7",
                ["messageID"] = "m-1",
                ["correlationID"] = "c-1",
                ["type"] = "order",
                ["contentType"] = "application/json",
                ["routingKey"] = "eu",
                ["partitionKey"] = "o-1",
            }), Cancel);

        var plain = await channel.BasicGetAsync(Queue, autoAck: true, Cancel);
        Assert.Equal("plain", Encoding.UTF8.GetString(plain!.Body.Span));
        Assert.Equal(("text/plain", DeliveryModes.Persistent, ""), (plain.BasicProperties.ContentType, plain.BasicProperties.DeliveryMode, plain.RoutingKey));
        Assert.Empty(plain.BasicProperties.Headers ?? new Dictionary<string, object?>());
        Assert.False(plain.BasicProperties.IsExpirationPresent() || plain.BasicProperties.IsPriorityPresent() || plain.BasicProperties.IsMessageIdPresent());
        var all = (await channel.BasicGetAsync(Queue, autoAck: true, Cancel))!;
        Assert.Equal(
            ("90000", 7, "m-1", "c-1", "order", "application/json", "eu"),
            (all.BasicProperties.Expiration, all.BasicProperties.Priority, all.BasicProperties.MessageId, all.BasicProperties.CorrelationId, all.BasicProperties.Type,
                all.BasicProperties.ContentType, all.RoutingKey));
        Assert.Empty(all.BasicProperties.Headers ?? new Dictionary<string, object?>());
    }

    [Fact]
    public async Task Properties_and_headers_reach_the_app_when_it_is_asked_for()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings(("publishMessagePropertiesToMetadata", "true")));
        var received = new ConcurrentQueue<PubSubMessage>();
        await using var subscription = await broker.SubscribeAsync(Request(), Into(received), Cancel);
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        var properties = new BasicProperties { MessageId = "m-1", Type = "order", Headers = new Dictionary<string, object?> { ["tenant"] = "north", ["attempt"] = 3 } };
        await channel.BasicPublishAsync(Topic, "", mandatory: false, properties, "1"u8.ToArray(), Cancel);

        await Wait.UntilAsync(() => received.Count == 1);
        Assert.Equal(
            new Dictionary<string, string> { ["metadata.messageid"] = "m-1", ["metadata.type"] = "order", ["metadata.tenant"] = "north", ["metadata.attempt"] = "3" },
            received.Single().Metadata);
    }

    private static Func<PubSubMessage, CancellationToken, Task> Into(ConcurrentQueue<PubSubMessage> received) => (message, _) =>
    {
        received.Enqueue(message);
        return Task.CompletedTask;
    };

    private Dictionary<string, string> Settings(params (string Name, string Value)[] more)
    {
        var settings = new Dictionary<string, string>(node.SafeSettings);
        foreach (var (name, value) in more)
        {
            settings[name] = value;
        }

        return settings;
    }

    private SubscribeRequest Request(Dictionary<string, string>? metadata = null) => new(Topic, "shop", metadata ?? Nothing);

    private PubSubMessage Message(string text, Dictionary<string, string>? metadata = null) =>
        new(Topic, Encoding.UTF8.GetBytes(text), "application/cloudevents+json", metadata ?? Nothing);

    private Task<IConnection> ConnectAsync() => new ConnectionFactory { Uri = new Uri(node.Server!.Address) }.CreateConnectionAsync(Cancel);
}
