using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.BuildingBlocks.State;
using Eventide.Sidecar.Components.State;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>The state API over gRPC (Dapr: pkg/api/grpc/grpc.go).</summary>
internal sealed class StateMethods(StateBlock state) : IGrpcMethods
{
    private static readonly Task<Empty> Done = Task.FromResult(new Empty());

    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar)
    {
        registrar.Unary<GetStateRequest, GetStateResponse>("GetState", async (request, call) =>
        {
            var item = await state.GetAsync(request.StoreName, request.Key, call.CancellationToken);
            if (item is null)
            {
                return new GetStateResponse();
            }

            var response = new GetStateResponse { Data = Bytes(item), Etag = item.ETag ?? "" };
            AddExpiry(response.Metadata, item);
            return response;
        });
        registrar.Unary<GetBulkStateRequest, GetBulkStateResponse>("GetBulkState", async (request, call) =>
        {
            var response = new GetBulkStateResponse();
            foreach (var (key, item) in await state.GetManyAsync(request.StoreName, request.Keys, call.CancellationToken))
            {
                var entry = new BulkStateItem { Key = key };
                if (item is not null)
                {
                    (entry.Data, entry.Etag) = (Bytes(item), item.ETag ?? "");
                    AddExpiry(entry.Metadata, item);
                }

                response.Items.Add(entry);
            }

            return response;
        });
        registrar.Unary<SaveStateRequest, Empty>("SaveState", async (request, call) =>
        {
            await state.SaveAsync(request.StoreName, request.States.Select(Set).ToList(), call.CancellationToken);
            return await Done;
        });
        registrar.Unary<DeleteStateRequest, Empty>("DeleteState", async (request, call) =>
        {
            await state.DeleteAsync(
                request.StoreName, new StateDelete(request.Key, request.Etag?.Value, FirstWrite(request.Options)), call.CancellationToken);
            return await Done;
        });
        registrar.Unary<DeleteBulkStateRequest, Empty>("DeleteBulkState", async (request, call) =>
        {
            foreach (var item in request.States)
            {
                await state.DeleteAsync(request.StoreName, new StateDelete(item.Key, item.Etag?.Value, FirstWrite(item.Options)), call.CancellationToken);
            }

            return await Done;
        });
        registrar.Unary<QueryStateRequest, QueryStateResponse>("QueryStateAlpha1", (request, _) => throw state.RefuseQuery(request.StoreName));
        registrar.Unary<ExecuteStateTransactionRequest, Empty>("ExecuteStateTransaction", async (request, call) =>
        {
            var operations = request.Operations.Select(StateOperation (operation) => operation.OperationType switch
            {
                "upsert" => Set(operation.Request),
                "delete" => new StateDelete(operation.Request.Key, operation.Request.Etag?.Value, FirstWrite(operation.Request.Options)),
                var other => throw StateErrors.UnsupportedOperation(other),
            }).ToList();
            await state.TransactAsync(request.StoreName, operations, call.CancellationToken);
            return await Done;
        });
    }

    private static StateSet Set(Dapr.Client.Autogen.Grpc.v1.StateItem item) =>
        StateRequests.Set(item.Key, item.Value.Memory, item.Etag?.Value, FirstWrite(item.Options), item.Metadata) with
        {
            Strong = item.Options?.Consistency == StateOptions.Types.StateConsistency.ConsistencyStrong,
        };

    private static void AddExpiry(IDictionary<string, string> metadata, Components.State.StateItem item)
    {
        if (item.ExpiresAt is { } expires)
        {
            metadata[StateAnswers.Expiry] = StateAnswers.Text(expires);
        }
    }

    private static bool FirstWrite(StateOptions? options) => options?.Concurrency == StateOptions.Types.StateConcurrency.ConcurrencyFirstWrite;

    private static ByteString Bytes(Components.State.StateItem item) => UnsafeByteOperations.UnsafeWrap(item.Value);
}
