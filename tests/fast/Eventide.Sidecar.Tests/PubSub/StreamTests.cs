using Dapr.AppCallback.Autogen.Grpc.v1;
using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;
using Status = Dapr.AppCallback.Autogen.Grpc.v1.TopicEventResponse.Types.TopicEventResponseStatus;

namespace Eventide.Sidecar.Tests.PubSub;

/// <summary>Subscriptions that an app without a port opens as a stream.</summary>
[Conformance]
public sealed class StreamTests : IAsyncLifetime
{
    private readonly Sidecars _sidecars = new Sidecars().Component(
        "pubsub", "pubsub.sqlite", ("connectionString", "data/b.db"), ("redeliverInterval", "5ms"), ("subscriptionScopes", "shop=orders,dead"));

    private ISidecarUnderTest _sidecar = null!;
    private GrpcChannel _channel = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private global::Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient Dapr => new(_channel);

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _sidecar = await _sidecars.StartAsync("shop");
        _channel = GrpcChannel.ForAddress(_sidecar.GrpcEndpoint);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _channel.Dispose();
        await _sidecars.DisposeAsync();
    }

    [Fact]
    public async Task Messages_come_over_the_stream_and_each_answer_has_its_effect()
    {
        using var orders = await SubscribeAsync("orders", "dead");
        using var dead = await SubscribeAsync("dead");
        foreach (var number in new[] { "1", "2", "3" })
        {
            await PublishAsync(number);
            var message = await NextAsync(orders);
            Assert.Equal(
                (number, "orders", "pubsub", "application/json"), (message.Data.ToStringUtf8(), message.Topic, message.PubsubName, message.DataContentType));
            await AnswerAsync(orders, message, number switch { "1" => Status.Success, "2" => Status.Drop, _ => Status.Retry });
            if (number != "1")
            {
                // No policy: one attempt, then the dead letter.
                var letter = await NextAsync(dead);
                Assert.Equal((number, message.Id), (letter.Data.ToStringUtf8(), letter.Id));
                await AnswerAsync(dead, letter, Status.Success);
            }
        }

        var metadata = await Dapr.GetMetadataAsync(new GetMetadataRequest(), cancellationToken: Cancel);
        Assert.Equal(["dead", "orders"], metadata.Subscriptions.Where(s => s.Type == PubsubSubscriptionType.Streaming).Select(s => s.Topic).Order());
    }

    [Fact]
    public async Task Without_a_dead_letter_topic_retry_brings_the_message_again()
    {
        Target.NeedsDurableBroker();
        using var orders = await SubscribeAsync("orders");
        await PublishAsync("1");
        var first = await NextAsync(orders);

        await AnswerAsync(orders, first, Status.Retry);

        Assert.Equal(first.Id, (await NextAsync(orders)).Id);
    }

    [Fact]
    public async Task What_a_closed_stream_left_unanswered_goes_to_the_next()
    {
        Target.NeedsDurableBroker();
        using (var first = await SubscribeAsync("orders"))
        {
            await PublishAsync("1");
            await NextAsync(first);
        }

        using var second = await SubscribeAsync("orders");

        Assert.Equal("1", (await NextAsync(second)).Data.ToStringUtf8());
    }

    [Fact]
    public async Task Two_streams_of_an_app_share_its_messages()
    {
        Target.NeedsDurableBroker();
        using var first = await SubscribeAsync("orders");
        using var second = await SubscribeAsync("orders");
        var received = 0;
        var reading = new[] { first, second }.Select(async stream =>
        {
            while (await stream.ResponseStream.MoveNext(Cancel))
            {
                await AnswerAsync(stream, stream.ResponseStream.Current.EventMessage, Status.Success);
                Interlocked.Increment(ref received);
            }
        }).ToList();

        for (var i = 0; i < 40; i++)
        {
            await PublishAsync($"{i}");
        }

        await Wait.UntilAsync(() => received == 40);
        await first.RequestStream.CompleteAsync();
        await second.RequestStream.CompleteAsync();
        await Task.WhenAll(reading);
        Assert.Equal(40, received);
    }

    [Fact]
    public async Task The_stop_of_the_sidecar_ends_a_stream_with_unavailable()
    {
        Target.IsOurOwnAnswer();
        using var orders = await SubscribeAsync("orders");

        var next = NextAsync(orders);
        await _sidecar.DisposeAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => next);
        Assert.Equal((StatusCode.Unavailable, "the sidecar is stopping"), (failure.StatusCode, failure.Status.Detail));
    }

    [Theory]
    [InlineData("none", "orders", StatusCode.InvalidArgument, "pubsub none is not found")]
    [InlineData("", "orders", StatusCode.InvalidArgument, "pubsub name is empty")]
    [InlineData("pubsub", "", StatusCode.InvalidArgument, "topic is empty in pubsub pubsub")]
    [InlineData("pubsub", "secret", StatusCode.PermissionDenied, "topic secret is not allowed for app id shop")]
    public async Task A_wrong_request_ends_the_stream_with_its_reason(string pubsub, string topic, StatusCode code, string message)
    {
        using var stream = Dapr.SubscribeTopicEventsAlpha1(cancellationToken: Cancel);
        await stream.RequestStream.WriteAsync(Initial(pubsub, topic), Cancel);

        var failure = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(Cancel));

        Assert.Equal((code, message), (failure.StatusCode, failure.Status.Detail));
    }

    [Fact]
    public async Task A_second_initial_request_is_refused()
    {
        using var orders = await SubscribeAsync("orders");
        await orders.RequestStream.WriteAsync(Initial("pubsub", "orders"), Cancel);

        var failure = await Assert.ThrowsAsync<RpcException>(async () => await NextAsync(orders));

        Assert.Equal("duplicate initial request received", failure.Status.Detail);
    }

    private async Task<AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1>> SubscribeAsync(string topic, string? dead = null)
    {
        var stream = Dapr.SubscribeTopicEventsAlpha1(cancellationToken: Cancel);
        var initial = Initial("pubsub", topic);
        if (dead is not null)
        {
            initial.InitialRequest.DeadLetterTopic = dead;
        }

        await stream.RequestStream.WriteAsync(initial, Cancel);
        Assert.True(await stream.ResponseStream.MoveNext(Cancel));
        Assert.NotNull(stream.ResponseStream.Current.InitialResponse);
        return stream;
    }

    private static SubscribeTopicEventsRequestAlpha1 Initial(string pubsub, string topic) => new()
    {
        InitialRequest = new SubscribeTopicEventsRequestInitialAlpha1 { PubsubName = pubsub, Topic = topic },
    };

    private static async Task<TopicEventRequest> NextAsync(AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> stream)
    {
        Assert.True(await stream.ResponseStream.MoveNext(Cancel).WaitAsync(TimeSpan.FromSeconds(10), Cancel));
        return stream.ResponseStream.Current.EventMessage;
    }

    private static Task AnswerAsync(
        AsyncDuplexStreamingCall<SubscribeTopicEventsRequestAlpha1, SubscribeTopicEventsResponseAlpha1> stream, TopicEventRequest message, Status status) =>
        stream.RequestStream.WriteAsync(
            new SubscribeTopicEventsRequestAlpha1
            {
                EventProcessed = new SubscribeTopicEventsRequestProcessedAlpha1 { Id = message.Id, Status = new TopicEventResponse { Status = status } },
            },
            Cancel);

    private async Task PublishAsync(string number)
    {
        using var dapr = _sidecars.Client(_sidecar);
        await dapr.PublishByteEventAsync("pubsub", "orders", System.Text.Encoding.UTF8.GetBytes(number), "application/json", cancellationToken: Cancel);
    }
}
