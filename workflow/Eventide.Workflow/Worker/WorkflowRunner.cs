using Dapr.Common.Serialization;
using Dapr.Workflow.Replay;
using Eventide.Workflow.Protocol;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>Runs one turn: replays the workflow's code over the request's events and answers with what it asks for anew. Thread-safe.</summary>
internal sealed partial class WorkflowRunner(
    IWorkflowsFactory factory,
    IServiceScopeFactory scopes,
    IDaprSerializer serializer,
    ILoggerFactory loggers,
    ILogger<WorkflowRunner> logger)
{
    /// <summary>The turn's answer. What goes wrong in the code fails the instance; nothing is thrown.</summary>
    public async Task<WorkflowResponse> RunAsync(WorkflowRequest request, string completionToken)
    {
        var response = new WorkflowResponse { InstanceId = request.InstanceId, CompletionToken = completionToken };
        var timeline = new Timeline(request.PastEvents, request.NewEvents);
        if (timeline.Termination is { } termination)
        {
            response.Actions.Add(Completed(new CompleteWorkflowAction { WorkflowStatus = WorkflowStatus.Terminated, Result = termination.Input }));
            return response;
        }

        // A suspended instance keeps what arrives, and goes on with all of it when it is resumed.
        if (timeline.IsSuspended)
            return response;

        using var trace = WorkflowTracing.FollowTurn(timeline);
        try
        {
            try
            {
                await PlayAsync(request, timeline, response, recordSites: false);
            }
            catch (NonDeterminismException)
            {
                // Replay is cheap and, up to the point of failure, without effects: so the lines at fault are looked for now, and not in every turn of every instance.
                await PlayAsync(request, timeline, response, recordSites: true);
            }
        }
        catch (Exception exception)
        {
            LogTurnFailed(exception, request.InstanceId);
            Fail(response, Failures.From(exception, isNonRetriable: true));
        }

        return response;
    }

    private async Task PlayAsync(WorkflowRequest request, Timeline timeline, WorkflowResponse response, bool recordSites)
    {
        if (timeline.Start?.ExecutionStarted is not { Name.Length: > 0 } start)
        {
            Fail(response, Failures.From("WorkflowNameMissing", "The history of the instance does not say which workflow it runs.", isNonRetriable: true));
            return;
        }

        await using var scope = scopes.CreateAsyncScope();
        if (!factory.TryCreateWorkflow(start.Name, scope.ServiceProvider, out var workflow, out var error))
        {
            Fail(response, NotCreated(start.Name, error));
            return;
        }

        var router = timeline.Start.Router;
        var identity = new ExecutionIdentity(
            start.Name,
            request.InstanceId,
            request.ExecutionId,
            router is { TargetAppId.Length: > 0 } ? router.TargetAppId : router?.SourceAppId,
            PropagatedHistories.Read(request.PropagatedHistory));
        var patches = new PatchLog(timeline.PatchesInHistory);
        var context = new ReplayContext(identity, patches, serializer, loggers, recordSites);
        response.Actions.AddRange(new WorkflowExecution(context, workflow!, serializer).Play(timeline));
        response.Version = patches.Report(start.Name);
        if (context.CustomStatus is { } status)
            response.CustomStatus = serializer.Serialize(status, null);
    }

    private TaskFailureDetails NotCreated(string name, Exception? error)
    {
        if (error is null)
        {
            LogUnknown(name);
            return Failures.From(
                "WorkflowNotFound",
                $"Workflow '{name}' is not registered in this app: register it with RegisterWorkflow where AddDaprWorkflow is called.",
                isNonRetriable: true);
        }

        LogNotCreated(error, name);
        var failure = Failures.From(error, isNonRetriable: true);
        failure.ErrorMessage = $"Workflow '{name}' failed to activate: {error.Message}";
        return failure;
    }

    private static void Fail(WorkflowResponse response, TaskFailureDetails failure)
    {
        response.Actions.Clear();
        response.Actions.Add(Completed(new CompleteWorkflowAction { WorkflowStatus = WorkflowStatus.Failed, FailureDetails = failure }));
    }

    private static WorkflowAction Completed(CompleteWorkflowAction completion) => new() { CompleteWorkflow = completion };

    [LoggerMessage(LogLevel.Error, "A turn of workflow instance {InstanceId} failed, and with it the instance")]
    private partial void LogTurnFailed(Exception exception, string instanceId);

    [LoggerMessage(LogLevel.Error, "Workflow {Workflow} is not registered in this app; its instance fails")]
    private partial void LogUnknown(string workflow);

    [LoggerMessage(LogLevel.Error, "Workflow {Workflow} cannot be created; its instance fails")]
    private partial void LogNotCreated(Exception exception, string workflow);
}
