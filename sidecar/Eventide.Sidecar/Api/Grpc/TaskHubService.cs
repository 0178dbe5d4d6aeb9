using Eventide.Sidecar.BuildingBlocks.Workflow;
using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>The service that workflow workers and clients of every SDK talk to.</summary>
internal sealed class TaskHubService(WorkflowBlock block, WorkflowOperations operations) : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    private const int DefaultPage = 1000;

    /// <inheritdoc/>
    public override Task<Empty> Hello(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    /// <inheritdoc/>
    public override async Task<CreateInstanceResponse> StartInstance(CreateInstanceRequest request, ServerCallContext context)
    {
        var started = new ExecutionStartedEvent
        {
            Name = request.Name,
            Version = request.Version,
            Input = request.Input,
            ScheduledStartTimestamp = request.ScheduledStartTimestamp,
            ParentTraceContext = request.ParentTraceContext,
        };
        started.Tags.Add(request.Tags);
        await operations.StartAsync(request.InstanceId, started, context.CancellationToken);
        if (request.ScheduledStartTimestamp is null)
        {
            await operations.WaitForStartAsync(request.InstanceId, context.CancellationToken);
        }

        return new CreateInstanceResponse { InstanceId = request.InstanceId };
    }

    /// <inheritdoc/>
    public override async Task<GetInstanceResponse> GetInstance(GetInstanceRequest request, ServerCallContext context) =>
        Describe(request, await operations.GetAsync(request.InstanceId, context.CancellationToken));

    /// <inheritdoc/>
    public override async Task<GetInstanceResponse> WaitForInstanceStart(GetInstanceRequest request, ServerCallContext context) =>
        Describe(request, await operations.WaitForStartAsync(request.InstanceId, context.CancellationToken));

    /// <inheritdoc/>
    public override async Task<GetInstanceResponse> WaitForInstanceCompletion(GetInstanceRequest request, ServerCallContext context) =>
        Describe(request, await operations.WaitForEndAsync(request.InstanceId, context.CancellationToken));

    /// <inheritdoc/>
    public override async Task<RaiseEventResponse> RaiseEvent(RaiseEventRequest request, ServerCallContext context)
    {
        await operations.RaiseEventAsync(request.InstanceId, request.Name, request.Input, context.CancellationToken);
        return new RaiseEventResponse();
    }

    /// <inheritdoc/>
    public override async Task<TerminateResponse> TerminateInstance(TerminateRequest request, ServerCallContext context)
    {
        await operations.TerminateAsync(request.InstanceId, request.Output, request.Recursive, context.CancellationToken);
        await operations.WaitForEndAsync(request.InstanceId, context.CancellationToken);
        return new TerminateResponse();
    }

    /// <inheritdoc/>
    public override async Task<SuspendResponse> SuspendInstance(SuspendRequest request, ServerCallContext context)
    {
        await operations.SuspendAsync(request.InstanceId, request.Reason, context.CancellationToken);
        await operations.WaitForSuspensionAsync(request.InstanceId, context.CancellationToken);
        return new SuspendResponse();
    }

    /// <inheritdoc/>
    public override async Task<ResumeResponse> ResumeInstance(ResumeRequest request, ServerCallContext context)
    {
        await operations.ResumeAsync(request.InstanceId, request.Reason, context.CancellationToken);
        await operations.WaitForResumptionAsync(request.InstanceId, context.CancellationToken);
        return new ResumeResponse();
    }

    /// <inheritdoc/>
    public override async Task<PurgeInstancesResponse> PurgeInstances(PurgeInstancesRequest request, ServerCallContext context) =>
        request.RequestCase == PurgeInstancesRequest.RequestOneofCase.InstanceId
            ? new PurgeInstancesResponse
            {
                DeletedInstanceCount = await operations.PurgeAsync(request.InstanceId, request.Recursive, request.Force, context.CancellationToken),
                IsComplete = true,
            }
            : throw new RpcException(new Status(StatusCode.Unimplemented, "purging by filter is not implemented; purge by instance ID"));

    /// <inheritdoc/>
    public override async Task GetWorkItems(GetWorkItemsRequest request, IServerStreamWriter<WorkItem> responseStream, ServerCallContext context)
    {
        var connection = block.Connect();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, block.Stopping);
        try
        {
            await context.WriteResponseHeadersAsync([]);
            while (true)
            {
                await responseStream.WriteAsync(await connection.TakeAsync(ending.Token), context.CancellationToken);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The worker left or the sidecar stops.
        }
        finally
        {
            // What the worker had in hand goes to another, or to this one when it is back.
            block.Disconnect(connection);
        }
    }

    /// <inheritdoc/>
    public override async Task<CompleteTaskResponse> CompleteActivityTask(ActivityResponse request, ServerCallContext context) =>
        await block.Engine.CompleteActivityAsync(request) ? new CompleteTaskResponse() : throw Unknown();

    /// <inheritdoc/>
    public override async Task<CompleteTaskResponse> CompleteWorkflowTask(WorkflowResponse request, ServerCallContext context) =>
        await block.Engine.CompleteTurnAsync(request) ? new CompleteTaskResponse() : throw Unknown();

    /// <inheritdoc/>
    public override Task<CompleteTaskResponse> CompleteOrchestratorTask(WorkflowResponse request, ServerCallContext context) => CompleteWorkflowTask(request, context);

    /// <inheritdoc/>
    public override async Task<ListInstanceIDsResponse> ListInstanceIDs(ListInstanceIDsRequest request, ServerCallContext context)
    {
        var size = request.HasPageSize && request.PageSize is > 0 and <= int.MaxValue ? (int)request.PageSize : DefaultPage;
        var (ids, hasMore) = await operations.ListAsync(request.HasContinuationToken ? request.ContinuationToken : null, size, context.CancellationToken);
        var response = new ListInstanceIDsResponse { InstanceIds = { ids } };
        if (hasMore)
        {
            response.ContinuationToken = ids[^1];
        }

        return response;
    }

    /// <inheritdoc/>
    public override async Task<GetInstanceHistoryResponse> GetInstanceHistory(GetInstanceHistoryRequest request, ServerCallContext context) =>
        new() { Events = { await operations.HistoryAsync(request.InstanceId, context.CancellationToken) } };

    /// <inheritdoc/>
    public override async Task<RerunWorkflowFromEventResponse> RerunWorkflowFromEvent(RerunWorkflowFromEventRequest request, ServerCallContext context)
    {
        var newId = request.HasNewInstanceId && request.NewInstanceId.Length > 0 ? request.NewInstanceId : Guid.NewGuid().ToString();
        await operations.RerunAsync(
            new RerunRequest(
                request.SourceInstanceId, request.EventId, newId, request.OverwriteInput, request.Input,
                request.HasNewChildWorkflowInstanceId ? request.NewChildWorkflowInstanceId : null),
            context.CancellationToken);
        return new RerunWorkflowFromEventResponse { NewInstanceId = newId };
    }

    private static GetInstanceResponse Describe(GetInstanceRequest request, InstanceDescription? instance)
    {
        if (instance is null)
        {
            return new GetInstanceResponse { Exists = false };
        }

        var state = new WorkflowState
        {
            InstanceId = instance.Id,
            Name = instance.Started?.Name ?? "",
            Version = instance.Started?.Version,
            WorkflowStatus = instance.Status,
            ScheduledStartTimestamp = instance.Started?.ScheduledStartTimestamp,
            CreatedTimestamp = instance.CreatedAt,
            StartedAt = instance.StartedAt,
            LastUpdatedTimestamp = instance.UpdatedAt,
            CompletedTimestamp = instance.CompletedAt,
            ExecutionId = instance.Started?.WorkflowInstance?.ExecutionId,
            ParentInstanceId = instance.Started?.ParentInstance?.WorkflowInstance?.InstanceId,
        };
        state.Tags.Add(instance.Started?.Tags ?? []);
        if (request.GetInputsAndOutputs)
        {
            state.Input = instance.Started?.Input;
            state.Output = instance.Completed?.Result;
            state.CustomStatus = instance.CustomStatus;
            state.FailureDetails = instance.Completed?.FailureDetails;
        }

        return new GetInstanceResponse { Exists = true, WorkflowState = state };
    }

    private static RpcException Unknown() => new(new Status(StatusCode.NotFound, "no such instance exists"));
}

/// <summary>Maps <see cref="TaskHubService"/>.</summary>
internal sealed class TaskHubMapping : IGrpcServices
{
    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGrpcService<TaskHubService>();
}
