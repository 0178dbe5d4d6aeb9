using Eventide.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

internal sealed partial class ReplayContext
{
    public override Task<T> CallActivityAsync<T>(string name, object? input = null, WorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        Turn.Guard(nameof(CallActivityAsync));
        if (options?.RetryPolicy is not { } policy)
            return CallActivityOnceAsync<T>(name, input, options);

        var chain = _guids.TaskExecutionId(Calls.NextId, name);
        return RetryAsync(
            policy,
            () => CallActivityOnceAsync<T>(name, input, options),
            new CreateTimerAction { ActivityRetry = new TimerOriginActivityRetry { TaskExecutionId = chain } });
    }

    public override Task<TResult> CallChildWorkflowAsync<TResult>(string workflowName, object? input = null, ChildWorkflowTaskOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(workflowName);
        Turn.Guard(nameof(CallChildWorkflowAsync));
        if (options?.RetryPolicy is not { } policy)
            return CallChildOnceAsync<TResult>(workflowName, input, options);

        var firstChild = options.InstanceId ?? _guids.Next().ToString();
        return RetryAsync(
            policy,
            () => CallChildOnceAsync<TResult>(workflowName, input, options),
            new CreateTimerAction { ChildWorkflowRetry = new TimerOriginChildWorkflowRetry { InstanceId = firstChild } });
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(instanceId);
        ArgumentException.ThrowIfNullOrWhiteSpace(eventName);
        Turn.Guard(nameof(SendEvent));
        Calls.Add(new WorkflowAction
        {
            SendEvent = new SendEventAction
            {
                Instance = new WorkflowInstance { InstanceId = instanceId },
                Name = eventName,
                Data = Serialize(payload),
            },
        });
    }

    private async Task<T> CallActivityOnceAsync<T>(string name, object? input, WorkflowTaskOptions? options)
    {
        var call = Calls.Add(new WorkflowAction
        {
            ScheduleTask = new ScheduleTaskAction
            {
                Name = name,
                Input = Serialize(input),
                TaskExecutionId = _guids.TaskExecutionId(Calls.NextId, name),
                Router = Router(options),
                HistoryPropagationScope = Scope(options),
            },
            Router = Router(options),
        });
        var outcome = await call.Outcome!.Task;
        return outcome.TaskFailed is { } failed
            ? throw Failed($"Activity '{name}' failed", failed.FailureDetails)
            : Deserialize<T>(outcome.TaskCompleted?.Result);
    }

    private async Task<T> CallChildOnceAsync<T>(string name, object? input, ChildWorkflowTaskOptions? options)
    {
        var call = Calls.Add(new WorkflowAction
        {
            CreateChildWorkflow = new CreateChildWorkflowAction
            {
                Name = name,
                InstanceId = options?.InstanceId ?? _guids.Next().ToString(),
                Input = Serialize(input),
                Router = Router(options),
                HistoryPropagationScope = Scope(options),
            },
            Router = Router(options),
        });
        var outcome = await call.Outcome!.Task;
        return outcome.ChildWorkflowInstanceFailed is { } failed
            ? throw Failed($"Child workflow '{name}' failed", failed.FailureDetails)
            : Deserialize<T>(outcome.ChildWorkflowInstanceCompleted?.Result);
    }

    /// <summary>Repeats a failed call as its policy says, with durable pauses.</summary>
    private async Task<T> RetryAsync<T>(WorkflowRetryPolicy policy, Func<Task<T>> call, CreateTimerAction pause)
    {
        var end = policy.RetryTimeout == Timeout.InfiniteTimeSpan || policy.RetryTimeout > DateTime.MaxValue - CurrentUtcDateTime
            ? DateTime.MaxValue
            : CurrentUtcDateTime + policy.RetryTimeout;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await call();
            }
            catch (WorkflowTaskFailedException) when (attempt < policy.MaxNumberOfAttempts && CurrentUtcDateTime < end)
            {
            }

            await SetTimerAsync(pause.Clone(), CurrentUtcDateTime + policy.PauseAfter(attempt), CancellationToken.None);
        }
    }

    private TaskRouter? Router(WorkflowTaskOptions? options) => string.IsNullOrWhiteSpace(options?.TargetAppId)
        ? null
        : new TaskRouter { SourceAppId = _appId ?? string.Empty, TargetAppId = options.TargetAppId };

    private static PropagationScope Scope(WorkflowTaskOptions? options) => (PropagationScope)(options?.PropagationScope ?? HistoryPropagationScope.None);

    private static WorkflowTaskFailedException Failed(string what, TaskFailureDetails? details)
    {
        var failure = new WorkflowTaskFailureDetails(details?.ErrorType ?? "Exception", details?.ErrorMessage ?? "no reason was recorded", details?.StackTrace);
        return new WorkflowTaskFailedException($"{what}: {failure.ErrorMessage}", failure);
    }
}
