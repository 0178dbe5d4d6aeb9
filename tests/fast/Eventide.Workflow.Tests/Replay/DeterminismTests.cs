using System.Runtime.CompilerServices;
using Dapr.Workflow;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;

namespace Eventide.Workflow.Tests.Replay;

/// <summary>Code that was changed under a running instance: the error names what history has, what the code does now, and the line.</summary>
public sealed class DeterminismTests
{
    private int _line;

    [Fact]
    public async Task Another_activity_is_named_with_the_line_that_calls_it()
    {
        var message = await ChangeAsync(
            async context =>
            {
                await context.CallActivityAsync("ReserveStock");
                await context.CallActivityAsync("CapturePayment");
            },
            async context =>
            {
                await context.CallActivityAsync("ReserveStock");
                await Note(context.CallActivityAsync("BookShipment"));
            });

        Assert.Contains(
            $"history has activity 'CapturePayment' as action 1, but DeterminismTests.cs:{_line} now calls activity 'BookShipment'. ", message);
        Assert.Contains("IsPatched", message);
    }

    [Fact]
    public async Task Another_kind_of_call_is_named_with_the_line_that_makes_it()
    {
        var message = await ChangeAsync(
            context => context.CallActivityAsync("A"),
            context => Note(context.CreateTimer(TimeSpan.FromSeconds(1))));

        Assert.Contains($"history has activity 'A' as action 0, but DeterminismTests.cs:{_line} now calls a timer. ", message);
    }

    [Fact]
    public async Task The_line_is_found_also_when_the_call_is_made_in_a_helper()
    {
        var message = await ChangeAsync(context => context.CallActivityAsync("A"), CallFromHelperAsync);

        Assert.Contains($"DeterminismTests.cs:{_line} now calls child workflow 'C'", message);
    }

    [Fact]
    public async Task A_call_that_is_gone_is_named_with_the_last_line_that_still_calls()
    {
        var message = await ChangeAsync(
            async context =>
            {
                await context.CallActivityAsync("A");
                await context.CallActivityAsync("B");
            },
            context => Note(context.CallActivityAsync("A")));

        Assert.Contains(
            $"history has activity 'B' as action 1, but the code now stops before it: its last call is activity 'A' as action 0, in DeterminismTests.cs:{_line}. ",
            message);
    }

    [Fact]
    public async Task Code_that_calls_nothing_any_more_is_named()
    {
        var message = await ChangeAsync(context => context.CallActivityAsync("A"), _ => Task.CompletedTask);

        Assert.Contains("history has activity 'A' as action 0, but the code now calls nothing. ", message);
    }

    [Fact]
    public async Task A_call_that_was_added_is_named_with_its_line()
    {
        var message = await ChangeAsync(
            async context =>
            {
                await context.CallActivityAsync("A");
                await context.WaitForExternalEventAsync<int>("go");
            },
            async context =>
            {
                await context.CallActivityAsync("A");
                await Note(context.CallActivityAsync("New"));
                await context.WaitForExternalEventAsync<int>("go");
            });

        Assert.Contains($"DeterminismTests.cs:{_line} now calls activity 'New' as action 1, which history does not have. ", message);
    }

    [Fact]
    public async Task An_event_to_another_instance_than_before_is_named()
    {
        var message = await ChangeAsync(
            async context =>
            {
                context.SendEvent("a", "hello", 1);
                await context.CallActivityAsync("A");
            },
            async context =>
            {
                context.SendEvent("b", "hello", 1);
                await context.CallActivityAsync("A");
            });

        Assert.Contains("history has event 'hello' to instance 'a' as action 0, but DeterminismTests.cs:", message);
        Assert.Contains("now calls event 'hello' to instance 'b'", message);
    }

    [Fact]
    public async Task Code_that_depends_on_chance_fails_rather_than_taking_results_of_other_calls()
    {
        var runs = 0;
        using var workflows = Workflows.Of(async context => await context.CallActivityAsync<int>(runs++ == 0 ? "Heads" : "Tails"));
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(0, "1");
        await instance.TurnAsync();

        Assert.Equal(WorkflowStatus.Failed, instance.Completion!.WorkflowStatus);
        Assert.Contains("'Heads'", instance.Completion.FailureDetails.ErrorMessage);
    }

    [Fact]
    public async Task An_instance_that_has_not_come_to_the_change_goes_on()
    {
        var changed = false;
        using var workflows = Workflows.Of(async context =>
        {
            await context.CallActivityAsync("A");
            return await context.CallActivityAsync<string>(changed ? "New" : "Old");
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        changed = true;
        instance.CompleteActivity(0, null);

        Assert.Equal("New", (await instance.TurnAsync()).Actions.Single().ScheduleTask.Name);
    }

    private async Task CallFromHelperAsync(WorkflowContext context)
    {
        await Task.CompletedTask;
        await Note(context.CallChildWorkflowAsync("C"));
    }

    /// <summary>Remembers the line of the call in its argument.</summary>
    private Task Note(Task call, [CallerLineNumber] int line = 0)
    {
        _line = line;
        return call;
    }

    /// <summary>Runs an instance with one code until it waits, then with the other; gives the error.</summary>
    private static async Task<string> ChangeAsync(Func<WorkflowContext, Task> before, Func<WorkflowContext, Task> after)
    {
        var code = before;
        using var workflows = Workflows.Of(async context =>
        {
            await code(context);
            await context.WaitForExternalEventAsync<int>("never");
            return 0;
        });
        var instance = new SimulatedInstance(workflows);
        instance.Answer = action => action.ScheduleTask is null ? null : instance.Completed(action.Id, null);
        await instance.RunAsync();
        Assert.Null(instance.Completion);

        code = after;
        instance.Raise("whatever");
        var response = await instance.TurnAsync();

        var completion = response.Actions.Single().CompleteWorkflow;
        Assert.Equal(WorkflowStatus.Failed, completion.WorkflowStatus);
        Assert.True(completion.FailureDetails.IsNonRetriable);
        return completion.FailureDetails.ErrorMessage;
    }
}
