using System.Diagnostics;
using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Eventide.Workflow.Protocol;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using WaitCall = System.Func<Eventide.Workflow.Protocol.GetInstanceRequest, Grpc.Core.CallOptions,
    Grpc.Core.AsyncUnaryCall<Eventide.Workflow.Protocol.GetInstanceResponse>>;

namespace Dapr.Workflow;

/// <inheritdoc cref="IDaprWorkflowClient"/>
public sealed partial class DaprWorkflowClient : IDaprWorkflowClient
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private readonly TaskHubSidecarService.TaskHubSidecarServiceClient _sidecar;
    private readonly IDaprSerializer _serializer;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IDisposable? _owned;

    /// <param name="owned">What is closed with this client; null when it belongs to the services.</param>
    internal DaprWorkflowClient(
        TaskHubSidecarService.TaskHubSidecarServiceClient sidecar,
        IDaprSerializer serializer,
        TimeProvider time,
        ILogger logger,
        IDisposable? owned = null)
    {
        _sidecar = sidecar;
        _serializer = serializer;
        _time = time;
        _logger = logger;
        _owned = owned;
    }

    /// <inheritdoc/>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, default(DateTimeOffset?));

    /// <inheritdoc/>
    public Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime) =>
        ScheduleNewWorkflowAsync(name, instanceId, input, startTime is { } start ? new DateTimeOffset(start) : default(DateTimeOffset?));

    /// <inheritdoc/>
    public async Task<string> ScheduleNewWorkflowAsync(
        string name,
        string? instanceId,
        object? input,
        DateTimeOffset? startTime,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var request = new CreateInstanceRequest
        {
            InstanceId = instanceId ?? Guid.NewGuid().ToString(),
            Name = name,
            Input = Serialize(input),
            ScheduledStartTimestamp = startTime?.ToTimestamp(),
            ParentTraceContext = CurrentTrace(),
        };
        var response = await _sidecar.StartInstanceAsync(request, cancellationToken: cancellation);
        LogScheduled(name, response.InstanceId);
        return response.InstanceId;
    }

    /// <inheritdoc/>
    public async Task<WorkflowState> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        try
        {
            var request = new GetInstanceRequest { InstanceId = instanceId, GetInputsAndOutputs = getInputsAndOutputs };
            var response = await _sidecar.GetInstanceAsync(request, cancellationToken: cancellation);
            return new WorkflowState(response.Exists ? response.WorkflowState : null, _serializer);
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
        {
            return new WorkflowState(null, _serializer);
        }
    }

    /// <inheritdoc/>
    public Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        WaitAsync(_sidecar.WaitForInstanceStartAsync, instanceId, getInputsAndOutputs, cancellation);

    /// <inheritdoc/>
    public Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default) =>
        WaitAsync(_sidecar.WaitForInstanceCompletionAsync, instanceId, getInputsAndOutputs, cancellation);

    /// <inheritdoc/>
    public async Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var request = new RaiseEventRequest { InstanceId = instanceId, Name = eventName, Input = Serialize(eventPayload) };
        await _sidecar.RaiseEventAsync(request, cancellationToken: cancellation);
    }

    /// <inheritdoc/>
    public async Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var request = new TerminateRequest { InstanceId = instanceId, Output = Serialize(output), Recursive = true };
        await _sidecar.TerminateInstanceAsync(request, cancellationToken: cancellation);
    }

    /// <inheritdoc/>
    public async Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var request = new SuspendRequest { InstanceId = instanceId, Reason = reason ?? string.Empty };
        await _sidecar.SuspendInstanceAsync(request, cancellationToken: cancellation);
    }

    /// <inheritdoc/>
    public async Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var request = new ResumeRequest { InstanceId = instanceId, Reason = reason ?? string.Empty };
        await _sidecar.ResumeInstanceAsync(request, cancellationToken: cancellation);
    }

    /// <inheritdoc/>
    public async Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var request = new PurgeInstancesRequest { InstanceId = instanceId, Recursive = true };
        var response = await _sidecar.PurgeInstancesAsync(request, cancellationToken: cancellation);
        return response.DeletedInstanceCount > 0;
    }

    /// <inheritdoc/>
    public async Task<WorkflowInstancePage> ListInstanceIdsAsync(
        string? continuationToken = null,
        int? pageSize = null,
        CancellationToken cancellation = default)
    {
        var request = new ListInstanceIDsRequest();
        if (continuationToken is not null)
            request.ContinuationToken = continuationToken;

        if (pageSize is { } size)
        {
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size, nameof(pageSize));
            request.PageSize = (uint)size;
        }

        var response = await _sidecar.ListInstanceIDsAsync(request, cancellationToken: cancellation);
        return new WorkflowInstancePage([.. response.InstanceIds], response.HasContinuationToken ? response.ContinuationToken : null);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var response = await _sidecar.GetInstanceHistoryAsync(new GetInstanceHistoryRequest { InstanceId = instanceId }, cancellationToken: cancellation);
        return [.. response.Events.Select(historyEvent => historyEvent.ToPublicEvent())];
    }

    /// <inheritdoc/>
    public async Task<string> RerunWorkflowFromEventAsync(
        string sourceInstanceId,
        uint eventId,
        RerunWorkflowFromEventOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(sourceInstanceId);
        if (options is { Input: not null, OverwriteInput: false })
            throw new ArgumentException($"Set {nameof(options.OverwriteInput)} to true as well: without it the {nameof(options.Input)} is not used.", nameof(options));

        var request = new RerunWorkflowFromEventRequest
        {
            SourceInstanceId = sourceInstanceId,
            EventId = eventId,
            OverwriteInput = options?.OverwriteInput ?? false,
        };
        if (options?.NewInstanceId is { } newInstanceId)
            request.NewInstanceId = newInstanceId;

        if (request.OverwriteInput)
            request.Input = Serialize(options!.Input);

        var response = await _sidecar.RerunWorkflowFromEventAsync(request, cancellationToken: cancellation);
        return response.NewInstanceId;
    }

    /// <inheritdoc/>
    public void Dispose() => _owned?.Dispose();

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The sidecar answers when it is time; a wait that a restart or a proxy cut off is asked for again.</summary>
    private async Task<WorkflowState> WaitAsync(WaitCall wait, string instanceId, bool getInputsAndOutputs, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        var request = new GetInstanceRequest { InstanceId = instanceId, GetInputsAndOutputs = getInputsAndOutputs };
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                var response = await wait(request, new CallOptions(cancellationToken: cancellation));
                return response.Exists
                    ? new WorkflowState(response.WorkflowState, _serializer)
                    : throw new InvalidOperationException($"There is no workflow instance '{instanceId}'.");
            }
            catch (RpcException) when (cancellation.IsCancellationRequested)
            {
                throw new OperationCanceledException(cancellation);
            }
            catch (RpcException exception) when (exception.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
            {
                LogWaitInterrupted(instanceId, exception.StatusCode, pause);
                await Task.Delay(pause, _time, cancellation);
            }
        }
    }

    private string Serialize(object? value) => value is null ? string.Empty : _serializer.Serialize(value, null);

    private static TraceContext? CurrentTrace() => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: { } id } activity
        ? new TraceContext { TraceParent = id, TraceState = activity.TraceStateString }
        : null;

    [LoggerMessage(LogLevel.Debug, "Scheduled workflow {Workflow} as instance {InstanceId}")]
    private partial void LogScheduled(string workflow, string instanceId);

    [LoggerMessage(LogLevel.Information, "The sidecar interrupted the wait for instance {InstanceId} ({Status}); asking again in {Pause}")]
    private partial void LogWaitInterrupted(string instanceId, StatusCode status, TimeSpan pause);
}
