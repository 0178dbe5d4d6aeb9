using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>Renders <see cref="ApiException"/> as a gRPC status.</summary>
internal sealed class GrpcErrors : Interceptor
{
    /// <inheritdoc/>
    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            return await continuation(request, context);
        }
        catch (ApiException error)
        {
            throw error.ToRpcException();
        }
    }

    /// <inheritdoc/>
    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> stream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(request, stream, context);
        }
        catch (ApiException error)
        {
            throw error.ToRpcException();
        }
    }

    /// <inheritdoc/>
    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> stream, ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        try
        {
            await continuation(requests, stream, context);
        }
        catch (ApiException error)
        {
            throw error.ToRpcException();
        }
    }
}
