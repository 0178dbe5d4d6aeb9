using Eventide.Sidecar.BuildingBlocks.Workflow;
using Eventide.Sidecar.Tracing;
using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace Eventide.Sidecar.Api.Grpc;

/// <summary>The service that workflow workers and clients of every SDK talk to.</summary>
internal sealed class TaskHubService(WorkflowBlock block, TimeProvider time) : TaskHubSidecarService.TaskHubSidecarServiceBase
{
    private WorkflowEngine Engine => block.Engine;

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
            ParentTraceContext = request.ParentTraceContext ?? CurrentTrace(),
        };
        started.Tags.Add(request.Tags);
        await Engine.StartAsync(request.InstanceId, started, context.CancellationToken);
        if (request.ScheduledStartTimestamp is null)
        {
            await Engine.WaitAsync(request.InstanceId, state => state.Status != WorkflowStatus.Pending, context.CancellationToken);
        }

        return new CreateInstanceResponse { InstanceId = request.InstanceId };
    }

    /// <inheritdoc/>
    public override async Task<GetInstanceResponse> GetInstance(GetInstanceRequest request, ServerCallContext context) =>
        Describe(request, await Engine.GetAsync(request.InstanceId));

    /// <inheritdoc/>
    public override async Task<GetInstanceResponse> WaitForInstanceStart(GetInstanceRequest request, ServerCallContext context) =>
        Describe(request, await Engine.WaitAsync(request.InstanceId, state => state.Status != WorkflowStatus.Pending, context.CancellationToken));

    /// <inheritdoc/>
    public override async Task<GetInstanceResponse> WaitForInstanceCompletion(GetInstanceRequest request, ServerCallContext context) =>
        Describe(request, await Engine.WaitAsync(request.InstanceId, state => state.Completed is not null, context.CancellationToken));

    /// <inheritdoc/>
    public override async Task<RaiseEventResponse> RaiseEvent(RaiseEventRequest request, ServerCallContext context)
    {
        var e = Event();
        e.EventRaised = new EventRaisedEvent { Name = request.Name, Input = request.Input };
        await Engine.DeliverAsync(request.InstanceId, e, context.CancellationToken);
        return new RaiseEventResponse();
    }

    /// <inheritdoc/>
    public override async Task<TerminateResponse> TerminateInstance(TerminateRequest request, ServerCallContext context)
    {
        var e = Event();
        e.ExecutionTerminated = new ExecutionTerminatedEvent { Input = request.Output, Recurse = request.Recursive };
        await Engine.DeliverAsync(request.InstanceId, e, context.CancellationToken);
        await Engine.WaitAsync(request.InstanceId, state => state.Completed is not null, context.CancellationToken);
        return new TerminateResponse();
    }

    /// <inheritdoc/>
    public override async Task<SuspendResponse> SuspendInstance(SuspendRequest request, ServerCallContext context)
    {
        var e = Event();
        e.ExecutionSuspended = new ExecutionSuspendedEvent { Input = request.Reason };
        await Engine.DeliverAsync(request.InstanceId, e, context.CancellationToken);
        await Engine.WaitAsync(request.InstanceId, state => state.IsSuspended || state.Completed is not null, context.CancellationToken);
        return new SuspendResponse();
    }

    /// <inheritdoc/>
    public override async Task<ResumeResponse> ResumeInstance(ResumeRequest request, ServerCallContext context)
    {
        var e = Event();
        e.ExecutionResumed = new ExecutionResumedEvent { Input = request.Reason };
        await Engine.DeliverAsync(request.InstanceId, e, context.CancellationToken);
        await Engine.WaitAsync(request.InstanceId, state => !state.IsSuspended || state.Completed is not null, context.CancellationToken);
        return new ResumeResponse();
    }

    /// <inheritdoc/>
    public override async Task<PurgeInstancesResponse> PurgeInstances(PurgeInstancesRequest request, ServerCallContext context) =>
        request.RequestCase == PurgeInstancesRequest.RequestOneofCase.InstanceId
            ? new PurgeInstancesResponse
            {
                DeletedInstanceCount = await Engine.PurgeAsync(request.InstanceId, request.Recursive, request.Force, context.CancellationToken), IsComplete = true,
            }
            : throw new RpcException(new Status(StatusCode.Unimplemented, "purging by filter is not implemented"));

    /// <inheritdoc/>
    public override async Task GetWorkItems(GetWorkItemsRequest request, IServerStreamWriter<WorkItem> responseStream, ServerCallContext context)
    {
        _ = Engine;
        using var connection = block.Workers.Connect();
        try
        {
            await context.WriteResponseHeadersAsync([]);
            await foreach (var item in connection.Items.ReadAllAsync(context.CancellationToken))
            {
                await responseStream.WriteAsync(item, context.CancellationToken);
            }
        }
        catch (OperationCanceledException) when (context.CancellationToken.IsCancellationRequested)
        {
            // The worker left; disposing the connection hands its work to another.
        }
    }

    /// <inheritdoc/>
    public override async Task<CompleteTaskResponse> CompleteActivityTask(ActivityResponse request, ServerCallContext context) =>
        await Engine.CompleteActivityAsync(request) ? new CompleteTaskResponse() : throw Unknown();

    /// <inheritdoc/>
    public override async Task<CompleteTaskResponse> CompleteWorkflowTask(WorkflowResponse request, ServerCallContext context) =>
        await Engine.CompleteTurnAsync(request) ? new CompleteTaskResponse() : throw Unknown();

    /// <inheritdoc/>
    public override Task<CompleteTaskResponse> CompleteOrchestratorTask(WorkflowResponse request, ServerCallContext context) => CompleteWorkflowTask(request, context);

    /// <inheritdoc/>
    public override async Task<ListInstanceIDsResponse> ListInstanceIDs(ListInstanceIDsRequest request, ServerCallContext context)
    {
        var response = new ListInstanceIDsResponse();
        var size = request.HasPageSize && request.PageSize > 0 ? (int)request.PageSize : 1000;
        await foreach (var id in Engine.ListAsync(context.CancellationToken))
        {
            if (request.HasContinuationToken && string.CompareOrdinal(id, request.ContinuationToken) <= 0)
            {
                continue;
            }

            if (response.InstanceIds.Count == size)
            {
                response.ContinuationToken = response.InstanceIds[^1];
                break;
            }

            response.InstanceIds.Add(id);
        }

        return response;
    }

    /// <inheritdoc/>
    public override async Task<GetInstanceHistoryResponse> GetInstanceHistory(GetInstanceHistoryRequest request, ServerCallContext context)
    {
        var state = await Engine.GetAsync(request.InstanceId) ?? throw WorkflowErrors.NoSuchInstance(request.InstanceId);
        var response = new GetInstanceHistoryResponse();
        response.Events.Add(state.History);
        return response;
    }

    /// <inheritdoc/>
    public override Task<RerunWorkflowFromEventResponse> RerunWorkflowFromEvent(RerunWorkflowFromEventRequest request, ServerCallContext context) =>
        throw new RpcException(new Status(StatusCode.Unimplemented, "the embedded sidecar cannot rerun a workflow from an event yet"));

    private static GetInstanceResponse Describe(GetInstanceRequest request, InstanceState? state)
    {
        if (state is null)
        {
            return new GetInstanceResponse { Exists = false };
        }

        var description = new WorkflowState
        {
            InstanceId = request.InstanceId,
            Name = state.Started?.Name ?? "",
            WorkflowStatus = state.Status,
            CreatedTimestamp = state.StartedAt,
            StartedAt = state.StartedAt,
            LastUpdatedTimestamp = state.History.Count > 0 ? state.History[^1].Timestamp : null,
            CompletedTimestamp = state.CompletedAt,
            ExecutionId = state.Started?.WorkflowInstance?.ExecutionId,
            ParentInstanceId = state.Started?.ParentInstance?.WorkflowInstance?.InstanceId,
        };
        if (request.GetInputsAndOutputs)
        {
            description.Input = state.Started?.Input;
            description.Output = state.Completed?.Result;
            description.CustomStatus = state.CustomStatus;
            description.FailureDetails = state.Completed?.FailureDetails;
        }

        return new GetInstanceResponse { Exists = true, WorkflowState = description };
    }

    private static TraceContext? CurrentTrace() =>
        SidecarTracing.TraceParent is { } parent ? new TraceContext { TraceParent = parent } : null;

    private static RpcException Unknown() => new(new Status(StatusCode.NotFound, "no such instance exists"));

    private HistoryEvent Event() => new() { EventId = -1, Timestamp = Timestamp.FromDateTimeOffset(time.GetUtcNow()) };
}

/// <summary>Maps <see cref="TaskHubService"/>.</summary>
internal sealed class TaskHubMapping : IGrpcServices
{
    /// <inheritdoc/>
    public void Map(IEndpointRouteBuilder routes) => routes.MapGrpcService<TaskHubService>();
}
