namespace Eventide.Sidecar.Api.Grpc;

/// <summary>The gRPC surface of one building block: some methods of <c>dapr.proto.runtime.v1.Dapr</c>. It translates; the operation is the block's.</summary>
internal interface IGrpcMethods
{
    /// <summary>Adds the block's methods.</summary>
    void Register(GrpcMethodRegistrar registrar);
}
