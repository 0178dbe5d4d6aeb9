using System.Globalization;
using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.Api;
using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Dapr's workflow management API, the same over HTTP and gRPC: its validation and its errors around <see cref="WorkflowOperations"/>
/// (Dapr: pkg/api/universal/workflow.go). Calls return when what was asked for is stored; none waits for a worker. Thread-safe.
/// </summary>
internal sealed class WorkflowManagement(WorkflowOperations operations)
{
    /// <summary>Starts an instance and gives its id, a new one when the request names none.</summary>
    public async Task<StartWorkflowResponse> StartAsync(StartWorkflowRequest request, CancellationToken cancellationToken)
    {
        var id = request.InstanceId is { Length: > 0 } given ? given : Guid.NewGuid().ToString();
        if (System.Text.Encoding.UTF8.GetByteCount(id) > WorkflowErrors.MaxIdLength)
        {
            throw WorkflowErrors.IdTooLong();
        }

        if (!id.All(c => char.IsLetterOrDigit(c) || c is '_' or '-'))
        {
            throw WorkflowErrors.IdInvalid(id);
        }

        if (request.WorkflowName.Length == 0)
        {
            throw WorkflowErrors.NameMissing();
        }

        await RunAsync("ERR_START_WORKFLOW", "starting", request.WorkflowName, () => operations.StartAsync(
            id,
            new ExecutionStartedEvent
            {
                Name = request.WorkflowName,
                Input = request.Input.ToStringUtf8(),
                ScheduledStartTimestamp = StartTime(request),
            },
            cancellationToken));
        return new StartWorkflowResponse { InstanceId = id };
    }

    /// <summary>Describes an instance; of an unknown one the answer has only the id.</summary>
    public async Task<GetWorkflowResponse> GetAsync(GetWorkflowRequest request, CancellationToken cancellationToken)
    {
        var response = new GetWorkflowResponse { InstanceId = Id(request.InstanceId) };
        try
        {
            if (await operations.GetAsync(request.InstanceId, cancellationToken) is { } instance)
            {
                Describe(response, instance);
            }

            return response;
        }
        catch (Exception failure) when (IsStoreFailure(failure, cancellationToken))
        {
            throw new ApiException(
                500, Grpc.Core.StatusCode.Internal, "ERR_GET_WORKFLOW", $"error while getting workflow info on instance '{request.InstanceId}': {failure.Message}");
        }
    }

    /// <summary>Raises an event; unknown is an error, ended drops it.</summary>
    public Task RaiseEventAsync(RaiseEventWorkflowRequest request, CancellationToken cancellationToken)
    {
        var id = Id(request.InstanceId);
        return request.EventName.Length == 0
            ? throw WorkflowErrors.EventNameMissing()
            : RunAsync("ERR_RAISE_EVENT_WORKFLOW", "raising event on", id, () =>
                operations.RaiseEventAsync(id, request.EventName, request.EventData.ToStringUtf8(), cancellationToken));
    }

    /// <summary>Pauses an instance.</summary>
    public Task PauseAsync(PauseWorkflowRequest request, CancellationToken cancellationToken) => RunAsync(
        "ERR_PAUSE_WORKFLOW", "pausing", Id(request.InstanceId), () => operations.SuspendAsync(request.InstanceId, null, cancellationToken));

    /// <summary>Lets a paused instance go on.</summary>
    public Task ResumeAsync(ResumeWorkflowRequest request, CancellationToken cancellationToken) => RunAsync(
        "ERR_RESUME_WORKFLOW", "resuming", Id(request.InstanceId), () => operations.ResumeAsync(request.InstanceId, null, cancellationToken));

    /// <summary>Ends an instance and its children.</summary>
    public Task TerminateAsync(TerminateWorkflowRequest request, CancellationToken cancellationToken) => RunAsync(
        "ERR_TERMINATE_WORKFLOW", "terminating", Id(request.InstanceId),
        () => operations.TerminateAsync(request.InstanceId, null, recursive: true, cancellationToken), unknownIsNotFound: true);

    /// <summary>Removes an ended instance and its children.</summary>
    public Task PurgeAsync(PurgeWorkflowRequest request, CancellationToken cancellationToken) => RunAsync(
        "ERR_PURGE_WORKFLOW", "purging", Id(request.InstanceId),
        () => operations.PurgeAsync(request.InstanceId, recursive: true, force: false, cancellationToken), unknownIsNotFound: true);

    private static async Task RunAsync(string errorCode, string verb, string subject, Func<Task> operation, bool unknownIsNotFound = false)
    {
        try
        {
            await operation();
        }
        catch (ApiException error) when (unknownIsNotFound && error.ErrorCode == "ERR_INSTANCE_ID_NOT_FOUND")
        {
            throw WorkflowErrors.NotFound(subject);
        }
        catch (ApiException error) when (error.ErrorCode is "ERR_INSTANCE_ID_NOT_FOUND" or "ERR_START_WORKFLOW" or "ERR_PURGE_WORKFLOW")
        {
            throw WorkflowErrors.Failed(errorCode, verb, subject, error);
        }
        catch (Exception failure) when (failure is not (ApiException or OperationCanceledException))
        {
            throw WorkflowErrors.Failed(errorCode, verb, subject, failure);
        }
    }

    private static void Describe(GetWorkflowResponse response, InstanceDescription instance)
    {
        response.WorkflowName = instance.Started?.Name ?? "";
        response.CreatedAt = instance.CreatedAt;
        response.LastUpdatedAt = instance.UpdatedAt;
        // Dapr's management API has no word for a stalled instance.
        response.RuntimeStatus = instance.Status == WorkflowStatus.Stalled ? "UNKNOWN" : instance.Status.ToString().ToUpperInvariant();
        var properties = response.Properties;
        Add("dapr.workflow.input", instance.Started?.Input);
        Add("dapr.workflow.custom_status", instance.CustomStatus);
        if (instance.Completed?.FailureDetails is { } failure)
        {
            Add("dapr.workflow.failure.error_type", failure.ErrorType);
            Add("dapr.workflow.failure.error_message", failure.ErrorMessage);
            Add("dapr.workflow.failure.stack_trace", failure.StackTrace);
        }
        else
        {
            Add("dapr.workflow.output", instance.Completed?.Result);
        }

        void Add(string name, string? value)
        {
            if (value is not null)
            {
                properties[name] = value;
            }
        }
    }

    private static Timestamp? StartTime(StartWorkflowRequest request)
    {
        if (!request.Options.TryGetValue("dapr.workflow.start_time", out var text))
        {
            return null;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Timestamp.FromDateTimeOffset(time)
            : throw WorkflowErrors.Failed("ERR_START_WORKFLOW", "starting", request.WorkflowName, new FormatException(
                $"option dapr.workflow.start_time is \"{text}\"; it must be a time as in RFC 3339"));
    }

    private static string Id(string id) => id.Length == 0 ? throw WorkflowErrors.IdMissing() : id;

    private static bool IsStoreFailure(Exception failure, CancellationToken cancellationToken) =>
        failure is not ApiException && !cancellationToken.IsCancellationRequested;
}
