using Dapr.Client.Autogen.Grpc.v1;
using Google.Protobuf;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>
/// Adds methods of <c>dapr.proto.runtime.v1.Dapr</c> by name. Dapr.Protos carries the messages and the client of that service but no server base,
/// so the methods are registered by hand; what nobody registers is answered UNIMPLEMENTED.
/// </summary>
internal sealed class GrpcMethodRegistrar(ServiceMethodProviderContext<DaprGrpcService> context)
{
    private const string Service = "dapr.proto.runtime.v1.Dapr";
    private readonly HashSet<string> _registered = new(StringComparer.Ordinal);

    /// <summary>Adds a unary method.</summary>
    public void Unary<TRequest, TResponse>(string name, Func<TRequest, ServerCallContext, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddUnaryMethod(
            Method<TRequest, TResponse>(MethodType.Unary, name), [], (_, request, call) => handler(request, call));

    /// <summary>Adds a method with a stream of answers.</summary>
    public void ServerStreaming<TRequest, TResponse>(string name, Func<TRequest, IServerStreamWriter<TResponse>, ServerCallContext, Task> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddServerStreamingMethod(
            Method<TRequest, TResponse>(MethodType.ServerStreaming, name), [], (_, request, stream, call) => handler(request, stream, call));

    /// <summary>Adds a method with a stream both ways.</summary>
    public void DuplexStreaming<TRequest, TResponse>(
        string name, Func<IAsyncStreamReader<TRequest>, IServerStreamWriter<TResponse>, ServerCallContext, Task> handler)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new() =>
        context.AddDuplexStreamingMethod(
            Method<TRequest, TResponse>(MethodType.DuplexStreaming, name), [], (_, requests, stream, call) => handler(requests, stream, call));

    /// <summary>Answers every method of the service that nobody added with UNIMPLEMENTED and a sentence that says so.</summary>
    public void RefuseTheRest()
    {
        var bytes = Marshallers.Create(message => message, message => message);
        var service = DaprReflection.Descriptor.Services.Single(s => s.FullName == Service);
        foreach (var name in service.Methods.Select(method => method.Name).Where(name => !_registered.Contains(name)))
        {
            // A stream both ways fits every shape of call: the refusal comes before any message is read.
            context.AddDuplexStreamingMethod(new Method<byte[], byte[]>(MethodType.DuplexStreaming, Service, name, bytes, bytes), [], (_, _, _, _) =>
                throw new RpcException(new Status(StatusCode.Unimplemented, $"{name} is not served by the embedded sidecar; use daprd for it")));
        }
    }

    private Method<TRequest, TResponse> Method<TRequest, TResponse>(MethodType type, string name)
        where TRequest : class, IMessage<TRequest>, new()
        where TResponse : class, IMessage<TResponse>, new()
    {
        _registered.Add(name);
        return new(type, Service, name, Marshaller<TRequest>(), Marshaller<TResponse>());
    }

    private static Marshaller<T> Marshaller<T>() where T : class, IMessage<T>, new()
    {
        var parser = new MessageParser<T>(() => new T());
        return Marshallers.Create(
            (message, context) =>
            {
                context.SetPayloadLength(message.CalculateSize());
                message.WriteTo(context.GetBufferWriter());
                context.Complete();
            },
            context => parser.ParseFrom(context.PayloadAsReadOnlySequence()));
    }
}

/// <summary>The service type that the hand-registered methods hang on.</summary>
internal sealed class DaprGrpcService;

/// <summary>Collects the methods of all building blocks into one service.</summary>
internal sealed class DaprGrpcMethodProvider(IEnumerable<IGrpcMethods> blocks) : IServiceMethodProvider<DaprGrpcService>
{
    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<DaprGrpcService> context)
    {
        var registrar = new GrpcMethodRegistrar(context);
        foreach (var block in blocks)
        {
            block.Register(registrar);
        }

        registrar.RefuseTheRest();
    }
}
