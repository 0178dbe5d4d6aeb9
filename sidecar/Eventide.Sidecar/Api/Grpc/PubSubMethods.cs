using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.BuildingBlocks.PubSub;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>Publish over gRPC (Dapr: pkg/api/grpc/grpc.go).</summary>
internal sealed class PubSubMethods(PubSubBlock block) : IGrpcMethods
{
    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar) => registrar.Unary<PublishEventRequest, Empty>("PublishEvent", async (request, call) =>
    {
        await block.PublishAsync(
            request.PubsubName, request.Topic, request.Data.Memory, request.DataContentType, request.Metadata, call.CancellationToken);
        return new Empty();
    });
}
