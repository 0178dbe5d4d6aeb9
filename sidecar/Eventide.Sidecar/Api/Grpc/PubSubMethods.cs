using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.BuildingBlocks.PubSub;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>Publish over gRPC (Dapr: pkg/api/grpc/grpc.go).</summary>
internal sealed class PubSubMethods(TopicPublisher publisher) : IGrpcMethods
{
    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar)
    {
        registrar.Unary<PublishEventRequest, Empty>("PublishEvent", async (request, call) =>
        {
            await publisher.PublishAsync(
                request.PubsubName, request.Topic, request.Data.Memory, request.DataContentType, request.Metadata, call.CancellationToken);
            return new Empty();
        });
        registrar.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEvent", PublishManyAsync);
        registrar.Unary<BulkPublishRequest, BulkPublishResponse>("BulkPublishEventAlpha1", PublishManyAsync);
    }

    // What failed is in the answer and the status is OK: with an error status callers would not see the answer.
    private async Task<BulkPublishResponse> PublishManyAsync(BulkPublishRequest request, ServerCallContext call)
    {
        var entries = request.Entries.Select(entry => new BulkEntry(entry.EntryId, entry.Event.Memory, entry.ContentType, entry.Metadata)).ToList();
        var failed = await publisher.PublishManyAsync(request.PubsubName, request.Topic, entries, request.Metadata, call.CancellationToken);
        var response = new BulkPublishResponse();
        response.FailedEntries.Add(failed.Select(entry => new BulkPublishResponseFailedEntry { EntryId = entry.EntryId, Error = entry.Error }));
        return response;
    }
}
