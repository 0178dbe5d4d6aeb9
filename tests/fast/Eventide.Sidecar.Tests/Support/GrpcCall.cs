using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>Calls methods of the Dapr service by name, for those that the generated client marks as deprecated or does not have.</summary>
internal static class GrpcCall
{
    public static async Task<TResponse> UnaryAsync<TRequest, TResponse>(GrpcChannel channel, string method, TRequest request)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        await channel.CreateCallInvoker().AsyncUnaryCall(
            new Method<TRequest, TResponse>(MethodType.Unary, "dapr.proto.runtime.v1.Dapr", method, Marshaller<TRequest>(), Marshaller<TResponse>()), null,
            new CallOptions(cancellationToken: TestContext.Current.CancellationToken), request);

    private static Marshaller<T> Marshaller<T>() where T : class, IMessage<T>, new() =>
        Marshallers.Create(message => message.ToByteArray(), new MessageParser<T>(() => new T()).ParseFrom);
}
