using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.RabbitMq;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;
using RabbitMQ.Client;

namespace Eventide.Brokers.Tests.RabbitMq;

/// <content>What goes wrong, and the sentence that somebody reads.</content>
public sealed partial class RabbitMqTests
{
    [Fact]
    public async Task A_broker_that_does_not_answer_is_waited_for_and_then_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        taken.Stop();
        await using var broker = RabbitMqNode.Component(Settings(("connectionString", $"amqp://guest:secret@127.0.0.1:{port}")), _log);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(1.5));
        var begin = Stopwatch.GetTimestamp();

        var failure = await Assert.ThrowsAsync<RabbitMqException>(() => broker.InitializeAsync(limit.Token));

        Assert.True(Stopwatch.GetElapsedTime(begin) > TimeSpan.FromSeconds(1), "It did not wait.");
        Assert.StartsWith($"RabbitMQ does not answer at 127.0.0.1:{port} (", failure.Message);
        Assert.EndsWith("): start it, or correct the address in component pubsub", failure.Message);
        Assert.Equal($"Waiting for the broker: {failure.Message}", Assert.Single(_log.Lines));
        Assert.DoesNotContain("secret", failure.ToString());
    }

    [Fact]
    public async Task A_broker_that_starts_within_the_time_is_found()
    {
        await node.Server!.StopAsync(Cancel);
        await using var broker = RabbitMqNode.Component(Settings(), _log);
        var opening = broker.InitializeAsync(Cancel);
        await Wait.UntilAsync(() => _log.Lines.Count == 1);

        await node.Server.StartAsync(Cancel);

        await opening.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        await broker.PublishAsync(Message("1"), Cancel);
    }

    [Theory]
    [InlineData("amqp://guest:wrong@", "", " refuses the user or its password: correct connectionString (or username and password) of component pubsub; ")]
    [InlineData("amqp://guest:guest@", "/nowhere", " has no such virtual host for this user (")]
    public async Task A_wrong_user_or_virtual_host_ends_the_start_at_once_with_a_sentence(string credentials, string host, string sentence)
    {
        await using var broker = RabbitMqNode.Component(Settings(("connectionString", $"{credentials}127.0.0.1:{node.Server!.Port}{host}")));

        var failure = await Assert.ThrowsAsync<RabbitMqException>(() => broker.InitializeAsync(Cancel).WaitAsync(TimeSpan.FromSeconds(20), Cancel));

        Assert.StartsWith($"RabbitMQ at 127.0.0.1:{node.Server.Port}{sentence}", failure.Message);
        Assert.DoesNotContain("wrong", failure.Message);
    }

    [Fact]
    public async Task A_broker_without_memory_fails_a_publish_with_the_reason_and_takes_the_next_when_it_has_some()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var received = new ConcurrentQueue<PubSubMessage>();
        await using var subscription = await broker.SubscribeAsync(Request(), Into(received), Cancel);
        await broker.PublishAsync(Message("before"), Cancel);
        await node.Server!.ControlAsync(["set_vm_memory_high_watermark", "0.00001"], Cancel);
        try
        {
            var begin = Stopwatch.GetTimestamp();
            var first = await Assert.ThrowsAsync<RabbitMqException>(() => broker.PublishAsync(Message("first"), Cancel));
            var second = await Assert.ThrowsAsync<RabbitMqException>(() => broker.PublishAsync(Message("second"), Cancel));

            Assert.True(Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(20), "It took too long to say so.");
            Assert.Equal(
                $"RabbitMQ at 127.0.0.1:{node.Server.Port} takes no messages at the moment (low on memory): it needs memory or disk space, or consumers that empty its queues",
                second.Message);
            Assert.Equal(second.Message, first.Message);
        }
        finally
        {
            await node.Server.ControlAsync(["set_vm_memory_high_watermark", "0.4"], Cancel);
        }

        await Wait.UntilAsync(async () => (await TryPublishAsync(broker, "after")) is null);
        await Wait.UntilAsync(() => received.Any(message => Encoding.UTF8.GetString(message.Data.Span) == "after"));
    }

    [Fact]
    public async Task A_queue_that_is_full_and_rejects_fails_the_publish()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync(Topic, "fanout", durable: true, autoDelete: false, cancellationToken: Cancel);
        await channel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 3, ["x-overflow"] = "reject-publish" },
            cancellationToken: Cancel);
        await channel.QueueBindAsync(Queue, Topic, "", cancellationToken: Cancel);

        var answers = await broker.PublishManyAsync([.. Enumerable.Range(0, 20).Select(number => Message($"{number}"))], Cancel);

        // The queue may take one or the other more than its limit while the first are on their way.
        Assert.Null(answers[0]);
        Assert.Equal(answers.Count(answer => answer is null), (int)(await channel.MessageCountAsync(Queue, Cancel)));
        Assert.Equal(
            $"RabbitMQ at 127.0.0.1:{node.Server!.Port} refused the message: a queue of the topic is full and rejects what is published (x-overflow), or has lost the majority of its replicas",
            answers.OfType<RabbitMqException>().First().Message);
        Assert.IsType<RabbitMqException>(await TryPublishAsync(broker, "one more"));
    }

    [Fact]
    public async Task A_queue_that_exists_with_other_arguments_ends_the_start_with_what_to_do()
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.QueueDeclareAsync(
            Queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-max-length"] = 3 }, cancellationToken: Cancel);
        await using var broker = await RabbitMqNode.OpenAsync(Settings());

        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => broker.SubscribeAsync(Request(), (_, _) => Task.CompletedTask, Cancel));

        Assert.StartsWith(
            $"The subscription to topic {Topic} cannot start: RabbitMQ at 127.0.0.1:{node.Server!.Port} has queue \"{Queue}\" with other properties than component pubsub and "
            + "its subscription say (PRECONDITION_FAILED - inequivalent arg 'x-", failure.Message);
        Assert.EndsWith("set them as they were when it was made, or drain it and delete it, then it is made anew.", failure.Message);

        await channel.QueueDeleteAsync(Queue, cancellationToken: Cancel);
        await using var subscription = await broker.SubscribeAsync(Request(), (_, _) => Task.CompletedTask, Cancel);
    }

    [Fact]
    public async Task An_exchange_that_exists_as_another_kind_fails_the_publish_with_what_to_do_and_spares_other_topics()
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeclareAsync(Topic, "direct", durable: true, autoDelete: false, cancellationToken: Cancel);
        await using var broker = await RabbitMqNode.OpenAsync(Settings());

        var others = Enumerable.Range(0, 100).Select(number => broker.PublishAsync(Message($"{number}") with { Topic = $"other-{_run}" }, Cancel)).ToArray();
        var failure = await TryPublishAsync(broker, "1");

        Assert.Contains($"has exchange \"{Topic}\" with other properties than component pubsub", failure?.Message);
        await Task.WhenAll(others);
        await broker.PublishAsync(Message("2") with { Topic = $"other-{_run}" }, Cancel);
    }

    [Fact]
    public async Task An_exchange_that_was_deleted_is_made_anew_by_the_next_publish()
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        await broker.PublishAsync(Message("1"), Cancel);
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.ExchangeDeleteAsync(Topic, cancellationToken: Cancel);

        Assert.IsType<RabbitMqException>(await TryPublishAsync(broker, "2"));

        await Wait.UntilAsync(async () => await TryPublishAsync(broker, "3") is null);
    }

    [Theory]
    [InlineData("routingKey")]
    [InlineData("messageID")]
    [InlineData("topic")]
    public async Task What_is_too_long_for_the_protocol_fails_alone(string name)
    {
        await using var broker = await RabbitMqNode.OpenAsync(Settings());
        var received = new ConcurrentQueue<PubSubMessage>();
        await using var subscription = await broker.SubscribeAsync(Request(), Into(received), Cancel);
        var long256 = new string('ä', 128);
        var wrong = name == "topic" ? Message("wrong") with { Topic = long256 } : Message("wrong", new() { [name] = long256 });

        var publishing = Enumerable.Range(0, 200).Select(number => broker.PublishAsync(number == 100 ? wrong : Message($"{number}"), Cancel)).ToArray();

        var failure = await Assert.ThrowsAsync<RabbitMqException>(() => publishing[100]);
        Assert.Equal($"the {name} of the message is longer than the 255 bytes that RabbitMQ has for it", failure.Message);
        await Task.WhenAll(publishing.Where(publish => publish != publishing[100]));
        await Wait.UntilAsync(() => received.Count == 199);
    }

    private async Task<Exception?> TryPublishAsync(IPubSub broker, string text) => (await broker.PublishManyAsync([Message(text)], Cancel))[0];
}
