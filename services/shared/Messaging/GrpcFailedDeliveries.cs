using Eventide.Contracts.Grpc;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>What is noted on failed deliveries, for those who call by gRPC.</summary>
internal sealed class GrpcFailedDeliveries(FailedDeliveries failures) : Contracts.Grpc.FailedDeliveries.FailedDeliveriesBase
{
    /// <inheritdoc/>
    public override async Task<Contracts.Grpc.FailedDelivery> Get(GetFailedDeliveryRequest request, ServerCallContext context)
    {
        var note = await failures.FindAsync(request.EventId, context.CancellationToken)
            ?? throw new RpcException(new Status(StatusCode.NotFound, $"No failure of event {request.EventId} is noted."));
        return new Contracts.Grpc.FailedDelivery
        {
            EventId = note.EventId,
            Topic = note.Topic,
            Type = note.Type,
            Attempts = note.Attempts,
            Reason = note.Reason,
            TraceId = note.TraceId ?? "",
            FailedAt = note.FailedAt.ToTimestamp(),
        };
    }
}
