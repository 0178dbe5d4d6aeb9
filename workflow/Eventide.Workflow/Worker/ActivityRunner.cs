using System.Diagnostics;
using System.Globalization;
using Dapr.Common.Serialization;
using Dapr.Workflow.Replay;
using Eventide.Workflow.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>Runs one activity, in a DI scope of its own, inside the trace of its workflow. Thread-safe.</summary>
internal sealed partial class ActivityRunner(IWorkflowsFactory factory, IServiceScopeFactory scopes, IDaprSerializer serializer, ILogger<ActivityRunner> logger)
{
    /// <summary>The activity's outcome. Whatever it throws becomes a failure that its workflow sees.</summary>
    public async Task<ActivityResponse> RunAsync(ActivityRequest request, string completionToken)
    {
        var response = new ActivityResponse
        {
            InstanceId = request.WorkflowInstance?.InstanceId ?? string.Empty,
            TaskId = request.TaskId,
            CompletionToken = completionToken,
        };
        using var trace = WorkflowTracing.StartActivity(request);
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            if (!factory.TryCreateActivity(request.Name, scope.ServiceProvider, out var activity, out var error))
            {
                response.FailureDetails = NotCreated(request, error);
                return response;
            }

            var input = string.IsNullOrEmpty(request.Input) ? null : serializer.Deserialize(request.Input, activity!.InputType);
            var result = await activity!.RunAsync(Context(request, response.InstanceId), input);
            response.Result = result is null ? string.Empty : serializer.Serialize(result, null);
        }
        catch (Exception exception)
        {
            trace?.SetStatus(ActivityStatusCode.Error, exception.Message);
            LogFailed(exception, request.Name, response.InstanceId, request.TaskId);
            response.FailureDetails = Failures.From(exception);
        }

        return response;
    }

    private TaskFailureDetails NotCreated(ActivityRequest request, Exception? error)
    {
        if (error is null)
        {
            LogUnknown(request.Name);
            return Failures.From(
                "ActivityNotFoundException",
                $"Activity '{request.Name}' not found: register it with RegisterActivity where AddDaprWorkflow is called.");
        }

        LogNotCreated(error, request.Name);
        var failure = Failures.From(error);
        failure.ErrorMessage = $"Activity '{request.Name}' failed to activate: {error.Message}";
        return failure;
    }

    private static ActivityCallContext Context(ActivityRequest request, string instanceId) => new(
        request.Name,
        instanceId,
        request.TaskExecutionId.Length > 0 ? request.TaskExecutionId : request.TaskId.ToString(CultureInfo.InvariantCulture));

    [LoggerMessage(LogLevel.Warning, "Activity {Activity} of workflow instance {InstanceId} failed (call {TaskId}); the workflow decides what happens")]
    private partial void LogFailed(Exception exception, string activity, string instanceId, int taskId);

    [LoggerMessage(LogLevel.Error, "Activity {Activity} is not registered in this app; its call fails")]
    private partial void LogUnknown(string activity);

    [LoggerMessage(LogLevel.Error, "Activity {Activity} cannot be created; its call fails")]
    private partial void LogNotCreated(Exception exception, string activity);
}
