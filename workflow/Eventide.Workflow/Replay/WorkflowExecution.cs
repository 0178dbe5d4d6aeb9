using Dapr.Common.Serialization;
using Eventide.Workflow.Protocol;
using Kind = Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;

namespace Dapr.Workflow.Replay;

/// <summary>
/// One run of workflow code over its events. Everything happens on the calling thread: an event completes a task, the completion runs the code up to its next wait,
/// then the next event is taken. So the same events lead to the same calls, whatever else the machine does. Not thread-safe.
/// </summary>
internal sealed class WorkflowExecution(ReplayContext context, IWorkflow workflow, IDaprSerializer serializer)
{
    private Task<object?>? _code;
    private bool _endedInTurn;

    /// <summary>Runs the code over the events and gives the actions of the new part, the completion included if it came to that.</summary>
    /// <exception cref="NonDeterminismException">The code does not do again what history says it did.</exception>
    /// <exception cref="IllegalAwaitException">The code waits for something that is not durable.</exception>
    public IReadOnlyList<WorkflowAction> Play(Timeline timeline)
    {
        context.Turn.Begin();
        try
        {
            for (var i = 0; i < timeline.Count; i++)
            {
                if (i == timeline.FirstFresh)
                    context.Calls.EnsureAllRecorded();

                context.SetReplaying(i < timeline.FirstFresh);
                Apply(timeline[i]);
                if (_code is { IsCompleted: true })
                    context.Events.Close();
            }

            return Actions();
        }
        finally
        {
            context.Turn.End();
        }
    }

    private void Apply(HistoryEvent e)
    {
        switch (e.EventTypeCase)
        {
            case Kind.WorkflowStarted:
                context.SetClock(e.Timestamp.ToDateTime());
                break;
            case Kind.ExecutionStarted:
                _code ??= RunAsync(e.ExecutionStarted.Input);
                break;
            case Kind.TaskScheduled or Kind.TimerCreated or Kind.ChildWorkflowInstanceCreated:
                context.Calls.Record(e);
                break;
            case Kind.TaskCompleted:
                Complete(e.TaskCompleted.TaskScheduledId, e);
                break;
            case Kind.TaskFailed:
                Complete(e.TaskFailed.TaskScheduledId, e);
                break;
            case Kind.ChildWorkflowInstanceCompleted:
                Complete(e.ChildWorkflowInstanceCompleted.TaskScheduledId, e);
                break;
            case Kind.ChildWorkflowInstanceFailed:
                Complete(e.ChildWorkflowInstanceFailed.TaskScheduledId, e);
                break;
            case Kind.TimerFired:
                Complete(e.TimerFired.TimerId, e);
                break;
            case Kind.EventRaised:
                context.Events.Raise(e);
                break;
            case Kind.EventSent when !context.Calls.TryRecordSent(e):
                Receive(e);
                break;
        }
    }

    /// <summary>What code that has ended left running must not go on.</summary>
    private void Complete(int id, HistoryEvent outcome)
    {
        if (_code is { IsCompleted: false })
            context.Calls.Complete(id, outcome);
    }

    /// <summary>An EventSent that is no call of this instance came from another one; anything else is a call that the code no longer makes.</summary>
    private void Receive(HistoryEvent sent)
    {
        if (sent.EventSent.InstanceId != context.InstanceId)
        {
            context.Calls.Record(sent);
            return;
        }

        context.Events.Raise(new HistoryEvent
        {
            EventId = -1,
            Timestamp = sent.Timestamp,
            EventRaised = new EventRaisedEvent { Name = sent.EventSent.Name, Input = sent.EventSent.Input },
        });
    }

    private async Task<object?> RunAsync(string? input)
    {
        try
        {
            return await workflow.RunAsync(context, string.IsNullOrEmpty(input) ? null : serializer.Deserialize(input, workflow.InputType));
        }
        finally
        {
            _endedInTurn = context.Turn.IsCurrent;
        }
    }

    private IReadOnlyList<WorkflowAction> Actions()
    {
        if (context.Turn.Violation is { } violation)
            throw violation;

        if (context.Next is { } next)
            return [.. context.Calls.NewActions, Completion(ContinueAsNew(next))];

        if (_code is { IsCompleted: true })
            return _endedInTurn ? [.. context.Calls.NewActions, Completion(Outcome(_code))] : throw IllegalAwaitException.EndedOutside();

        if (_code is not null && !context.Calls.AnyOpen && !context.Events.AnyWaiter)
            throw IllegalAwaitException.Stuck(context.Calls.NextId);

        return [.. context.Calls.NewActions];
    }

    private WorkflowAction Completion(CompleteWorkflowAction completion) => new() { Id = context.Calls.NextId, CompleteWorkflow = completion };

    private CompleteWorkflowAction ContinueAsNew(NextRun next)
    {
        var completion = new CompleteWorkflowAction { WorkflowStatus = WorkflowStatus.ContinuedAsNew, Result = next.Input };
        if (next.KeepEvents)
            completion.CarryoverEvents.AddRange(context.Events.Unclaimed);

        return completion;
    }

    private CompleteWorkflowAction Outcome(Task<object?> code)
    {
        if (code.IsCompletedSuccessfully)
        {
            // The code has ended: reading its result does not block.
            var result = code.GetAwaiter().GetResult();
            return new CompleteWorkflowAction
            {
                WorkflowStatus = WorkflowStatus.Completed,
                Result = result is null ? string.Empty : serializer.Serialize(result, null),
            };
        }

        var failure = code.Exception?.InnerException ?? new TaskCanceledException(code);
        return new CompleteWorkflowAction { WorkflowStatus = WorkflowStatus.Failed, FailureDetails = Failures.From(failure, isNonRetriable: true) };
    }
}
