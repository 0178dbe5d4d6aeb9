using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.Tracing;
using Google.Protobuf;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Delivers to an app that speaks gRPC (Dapr: pkg/runtime/subscription/postman/grpc).</summary>
internal sealed class GrpcSubscriber(IAppChannel app, SidecarTracing tracing) : ISubscriber
{
    private static readonly Method<TopicEventRequest, TopicEventResponse> OnTopicEvent =
        Method<TopicEventRequest, TopicEventResponse>("AppCallback", "OnTopicEvent", TopicEventResponse.Parser);

    private static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEvent =
        Method<TopicEventBulkRequest, TopicEventBulkResponse>("AppCallback", "OnBulkTopicEvent", TopicEventBulkResponse.Parser);

    private static readonly Method<TopicEventBulkRequest, TopicEventBulkResponse> OnBulkTopicEventAlpha1 =
        Method<TopicEventBulkRequest, TopicEventBulkResponse>("AppCallbackAlpha", "OnBulkTopicEventAlpha1", TopicEventBulkResponse.Parser);

    /// <inheritdoc/>
    public async Task<DeliveryResult> DeliverAsync(TopicSubscription subscription, Route route, IncomingEvent message, CancellationToken cancellationToken)
    {
        var request = TopicEvents.Request(subscription, route.Path, message);
        var headers = new Grpc.Core.Metadata();
        using var span = tracing.BeginDelivery(subscription.PubSub, subscription.Topic, message.Text("traceparent"));
        if (SidecarTracing.Of(span) is { } parent)
        {
            headers.Add("traceparent", parent);
        }

        try
        {
            var answer = await app.Grpc.AsyncUnaryCall(OnTopicEvent, null, new CallOptions(headers, cancellationToken: cancellationToken), request);
            return TopicEvents.Result(answer.Status);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            // As daprd: an app without the callback gets no message twice, and none is dead-lettered for it.
            return DeliveryResult.Done;
        }
        catch (RpcException failure)
        {
            throw Failed(failure);
        }
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<BulkStatus>> DeliverManyAsync(
        TopicSubscription subscription, string path, IReadOnlyList<(string EntryId, IncomingEvent Message)> messages, CancellationToken cancellationToken)
    {
        var request = TopicEvents.BulkRequest(subscription, path, messages);
        TopicEventBulkResponse answer;
        try
        {
            answer = await CallAsync(request, cancellationToken);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            return [.. messages.Select(_ => BulkStatus.Success)];
        }
        catch (RpcException failure)
        {
            throw Failed(failure);
        }

        var statuses = new Dictionary<string, TopicEventResponse.Types.TopicEventResponseStatus>(StringComparer.Ordinal);
        foreach (var entry in answer.Statuses)
        {
            statuses[entry.EntryId] = entry.Status;
        }

        return [.. messages.Select(message => !statuses.TryGetValue(message.EntryId, out var status) ? BulkStatus.Retry : status switch
        {
            TopicEventResponse.Types.TopicEventResponseStatus.Success => BulkStatus.Success,
            TopicEventResponse.Types.TopicEventResponseStatus.Drop => BulkStatus.Drop,
            _ => BulkStatus.Retry,
        })];
    }

    private async Task<TopicEventBulkResponse> CallAsync(TopicEventBulkRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await app.Grpc.AsyncUnaryCall(OnBulkTopicEvent, null, new CallOptions(cancellationToken: cancellationToken), request);
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            // An app built with an older SDK has the callback in the alpha service only.
            return await app.Grpc.AsyncUnaryCall(OnBulkTopicEventAlpha1, null, new CallOptions(cancellationToken: cancellationToken), request);
        }
    }

    private static DeliveryException Failed(RpcException failure) => new($"the app answered {failure.Status}", failure) { GrpcStatus = failure.StatusCode };

    private static Method<TRequest, TResponse> Method<TRequest, TResponse>(string service, string name, MessageParser<TResponse> parser)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> => new(
            MethodType.Unary, "dapr.proto.runtime.v1." + service, name,
            Marshallers.Create(message => message.ToByteArray(), _ => default(TRequest)!),
            Marshallers.Create(_ => Array.Empty<byte>(), parser.ParseFrom));
}
