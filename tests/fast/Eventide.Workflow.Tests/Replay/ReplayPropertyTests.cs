using CsCheck;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;
using Google.Protobuf;
using Kind = Eventide.Workflow.Protocol.WorkflowAction.WorkflowActionTypeOneofCase;

namespace Eventide.Workflow.Tests.Replay;

/// <summary>Whatever the code does and however its events are cut into turns, it does the same.</summary>
public sealed class ReplayPropertyTests
{
    private static readonly Gen<(List<Step> Steps, List<int> Events, List<int> Cuts)> Cases =
        Gen.Select(Step.Generate(3).List[1, 6], Gen.Int[0, 2].List[0, 12], Gen.Int[1, 5].List[1, 5]);

    [Fact]
    public void A_workflow_ends_the_same_event_by_event_all_at_once_and_in_turns_of_any_size() =>
        Cases.Sample(
            sample =>
            {
                var (program, events, cuts) = sample;
                var single = Run(program, events, [1]);
                var together = Run(program, events, [int.MaxValue]);
                var mixed = Run(program, events, cuts);
                Assert.Equal(single, together);
                Assert.Equal(single, mixed);
            },
            iter: 400,
            threads: 2);

    private static string Run(List<Step> steps, List<int> events, List<int> turnSizes)
    {
        var program = new Step.Sequence(steps);
        using var workflows = Workflows.Of(program.RunAsync);
        var instance = new SimulatedInstance(workflows);
        var pending = new Queue<int>(events);
        var failures = new Dictionary<string, int>();
        instance.Answer = action => Outcome(instance, action, failures);
        var seen = new List<string>();
        for (var turn = 0; instance.Completion is null; turn++)
        {
            // When nothing else happens the next event comes, until there are none left: then the instance may wait for ever.
            if (instance.Inbox.Count == 0 && !RaiseNext(instance, pending))
                break;

            var request = instance.NextRequest(turnSizes[turn % turnSizes.Count]);
            var before = Run(workflows, request);
            var response = instance.TurnAsync(turnSizes[turn % turnSizes.Count]).GetAwaiter().GetResult();
            // Asked twice, the same turn is answered the same.
            Assert.Equal(before, WithoutToken(response));
            // Times differ with the turns, so they are left out.
            seen.AddRange(response.Actions.Where(action => action.CompleteWorkflow is null).Select(Describe));
        }

        return string.Join(' ', seen) + " = " + (instance.Completion?.Result ?? "waits") + instance.Completion?.FailureDetails;
    }

    private static WorkflowResponse Run(Workflows workflows, WorkflowRequest request) =>
        WithoutToken(workflows.Turns.RunAsync(request.Clone(), "").GetAwaiter().GetResult());

    private static WorkflowResponse WithoutToken(WorkflowResponse response)
    {
        var copy = response.Clone();
        copy.CompletionToken = "";
        return copy;
    }

    private static bool RaiseNext(SimulatedInstance instance, Queue<int> pending)
    {
        if (!pending.TryDequeue(out var name))
            return false;

        instance.Raise($"Event{name}", $"{pending.Count}");
        return true;
    }

    /// <summary>Activities fail as often as their input says; everything else succeeds, in the order it was asked for.</summary>
    private static HistoryEvent? Outcome(SimulatedInstance instance, WorkflowAction action, Dictionary<string, int> failures)
    {
        switch (action.WorkflowActionTypeCase)
        {
            case Kind.ScheduleTask:
                var input = action.ScheduleTask.Input;
                var failed = failures[input] = failures.GetValueOrDefault(input) + 1;
                return failed <= int.Parse(input.Trim('"').Split(':')[1])
                    ? instance.Outside(new HistoryEvent
                    {
                        TaskFailed = new TaskFailedEvent { TaskScheduledId = action.Id, FailureDetails = new TaskFailureDetails { ErrorType = "E", ErrorMessage = $"{failed}" } },
                    })
                    : instance.Completed(action.Id, input);
            case Kind.CreateTimer:
                return instance.Fired(action.Id);
            case Kind.CreateChildWorkflow when action.CreateChildWorkflow.Name == "Child":
                return instance.Outside(new HistoryEvent
                {
                    ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = action.Id, Result = action.CreateChildWorkflow.Input },
                });
            case Kind.CreateChildWorkflow:
                return instance.Outside(new HistoryEvent { ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = action.Id } });
            default:
                return null;
        }
    }

    private static string Describe(WorkflowAction action)
    {
        var copy = action.Clone();
        if (copy.CreateTimer is { } timer)
            timer.FireAt = null;

        return JsonFormatter.Default.Format(copy);
    }
}
