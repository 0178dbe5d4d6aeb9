using Dapr.AppCallback.Autogen.Grpc.v1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Eventide.Inventory.Tests.Support;

/// <summary>The sidecar's calls to its app; the official package has only the app's side of them.</summary>
internal static class AppCallbackCalls
{
    private const string Service = "dapr.proto.runtime.v1.AppCallback";

    public static Task<ListTopicSubscriptionsResponse> ListTopicSubscriptionsAsync(this CallInvoker app) =>
        CallAsync(app, Service, "ListTopicSubscriptions", new Empty(), ListTopicSubscriptionsResponse.Parser);

    public static Task<TopicEventResponse> OnTopicEventAsync(this CallInvoker app, TopicEventRequest request) =>
        CallAsync(app, Service, "OnTopicEvent", request, TopicEventResponse.Parser);

    public static Task<HealthCheckResponse> HealthCheckAsync(this CallInvoker app) =>
        CallAsync(app, $"{Service}HealthCheck", "HealthCheck", new Empty(), HealthCheckResponse.Parser);

    private static async Task<TAnswer> CallAsync<TRequest, TAnswer>(CallInvoker app, string service, string method, TRequest request, MessageParser<TAnswer> parser)
        where TRequest : class, IMessage<TRequest>
        where TAnswer : class, IMessage<TAnswer>
    {
        var call = new Method<TRequest, TAnswer>(
            MethodType.Unary, service, method, Marshallers.Create(message => message.ToByteArray(), _ => request), Marshallers.Create(message => message.ToByteArray(), parser.ParseFrom));
        return await app.AsyncUnaryCall(call, null, new CallOptions(cancellationToken: TestContext.Current.CancellationToken), request);
    }
}
