using Dapr.Common;
using Dapr.Workflow.Client;

namespace Dapr.Workflow;

/// <summary>
/// Starts, watches and steers workflow instances through the sidecar. Thread-safe. Payloads are serialised as JSON. Every call throws
/// <see cref="Grpc.Core.RpcException"/> when the sidecar refuses it or cannot be reached.
/// </summary>
public interface IDaprWorkflowClient : IDaprClient, IAsyncDisposable
{
    /// <summary>Starts an instance at once; see the overload with a start time.</summary>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId = null, object? input = null);

    /// <summary>Starts an instance; see the overload with a <see cref="DateTimeOffset"/>.</summary>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTime? startTime);

    /// <summary>
    /// Starts an instance and gives its id. Without a start time it returns when the instance's first turn has run. The trace that runs here goes on in the instance.
    /// </summary>
    /// <param name="name">The workflow's name.</param>
    /// <param name="instanceId">The instance's id; null takes a random one. An id whose instance has ended is free again.</param>
    /// <param name="input">The workflow's input.</param>
    /// <param name="startTime">When it starts; null at once.</param>
    /// <param name="cancellation">Ends the wait, not the instance.</param>
    /// <exception cref="Grpc.Core.RpcException">AlreadyExists: an instance of that id has not ended.</exception>
    Task<string> ScheduleNewWorkflowAsync(string name, string? instanceId, object? input, DateTimeOffset? startTime, CancellationToken cancellation = default);

    /// <summary>Where an instance stands. For an unknown id, <see cref="WorkflowState.Exists"/> is false.</summary>
    Task<WorkflowState> GetWorkflowStateAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Waits until an instance has started.</summary>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    Task<WorkflowState> WaitForWorkflowStartAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Waits until an instance has ended. Goes on waiting over interruptions of the connection.</summary>
    /// <exception cref="InvalidOperationException">There is no such instance.</exception>
    Task<WorkflowState> WaitForWorkflowCompletionAsync(string instanceId, bool getInputsAndOutputs = true, CancellationToken cancellation = default);

    /// <summary>Sends an event to an instance. It is kept until the instance waits for it.</summary>
    Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null, CancellationToken cancellation = default);

    /// <summary>Ends an instance and its children. Activities that run are not interrupted; their results are dropped.</summary>
    Task TerminateWorkflowAsync(string instanceId, object? output = null, CancellationToken cancellation = default);

    /// <summary>Halts an instance.</summary>
    Task SuspendWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Lets a halted instance go on.</summary>
    Task ResumeWorkflowAsync(string instanceId, string? reason = null, CancellationToken cancellation = default);

    /// <summary>Removes the state of an instance that has ended, and of its children. False when there was none.</summary>
    Task<bool> PurgeInstanceAsync(string instanceId, CancellationToken cancellation = default);

    /// <summary>Lists instance ids, page by page.</summary>
    Task<WorkflowInstancePage> ListInstanceIdsAsync(string? continuationToken = null, int? pageSize = null, CancellationToken cancellation = default);

    /// <summary>The history of an instance.</summary>
    Task<IReadOnlyList<WorkflowHistoryEvent>> GetInstanceHistoryAsync(string instanceId, CancellationToken cancellation = default);

    /// <summary>Runs an instance that has ended again, as a new instance, from one of its events on; gives the new id.</summary>
    Task<string> RerunWorkflowFromEventAsync(
        string sourceInstanceId,
        uint eventId,
        RerunWorkflowFromEventOptions? options = null,
        CancellationToken cancellation = default);
}
