using Dapr.Workflow;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;
using Kind = Eventide.Workflow.Protocol.WorkflowAction.WorkflowActionTypeOneofCase;

namespace Eventide.Workflow.Tests.Replay;

public sealed class CallTests
{
    [Fact]
    public async Task Calls_of_every_kind_share_one_sequence_of_ids_from_zero()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var activity = context.CallActivityAsync<int>("A", 1);
            var timer = context.CreateTimer(TimeSpan.FromMinutes(1));
            var child = context.CallChildWorkflowAsync<int>("C");
            context.SendEvent("other", "hello", 5);
            var unlimited = context.WaitForExternalEventAsync<int>("e");
            var limited = context.WaitForExternalEventAsync<int>("f", TimeSpan.FromMinutes(2));
            await Task.WhenAll(activity, timer, child, unlimited, limited);
            return "done";
        });
        var instance = new SimulatedInstance(workflows);

        var response = await instance.TurnAsync();

        Assert.Equal([0, 1, 2, 3, 4], response.Actions.Select(action => action.Id));
        Assert.Equal(
            [Kind.ScheduleTask, Kind.CreateTimer, Kind.CreateChildWorkflow, Kind.SendEvent, Kind.CreateTimer],
            response.Actions.Select(action => action.WorkflowActionTypeCase));
        Assert.Equal("1", response.Actions[0].ScheduleTask.Input);
        Assert.NotNull(response.Actions[1].CreateTimer.CreateTimer);
        Assert.Equal(instance.History[0].Timestamp.ToDateTime().AddMinutes(1), response.Actions[1].CreateTimer.FireAt.ToDateTime());
        Assert.Equal("other", response.Actions[3].SendEvent.Instance.InstanceId);
        Assert.Equal("f", response.Actions[4].CreateTimer.ExternalEvent.Name);
        Assert.Empty((await instance.TurnAsync()).Actions);
    }

    [Fact]
    public async Task Results_reach_the_call_they_belong_to_in_whatever_order_they_come()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var first = context.CallActivityAsync<string>("A");
            var second = context.CallActivityAsync<int[]>("B");
            return $"{await first} {string.Join('-', await second)}";
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(1, "[1,2]");
        await instance.TurnAsync();
        instance.CompleteActivity(0, "\"x\"");
        await instance.TurnAsync();

        Assert.Equal(WorkflowStatus.Completed, instance.Completion!.WorkflowStatus);
        Assert.Equal("\"x 1-2\"", instance.Completion.Result);
    }

    [Fact]
    public async Task The_first_outcome_of_a_call_counts()
    {
        using var workflows = Workflows.Of(async context => await context.CallActivityAsync<int>("A") + await context.CallActivityAsync<int>("B"));
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(0, "1");
        instance.CompleteActivity(0, "100");
        instance.CompleteActivity(7, "100");
        await instance.TurnAsync();
        instance.CompleteActivity(1, "2");
        await instance.TurnAsync();

        Assert.Equal("3", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_result_of_another_execution_of_the_same_call_is_dropped()
    {
        using var workflows = Workflows.Of(context => context.CallActivityAsync<int>("A"));
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        var stale = instance.Completed(0, "100");
        stale.TaskCompleted.TaskExecutionId = "before-continue-as-new";
        instance.Inbox.Enqueue(stale);
        await instance.TurnAsync();
        Assert.Null(instance.Completion);

        var own = instance.Completed(0, "1");
        own.TaskCompleted.TaskExecutionId = instance.History.Single(e => e.TaskScheduled is not null).TaskScheduled.TaskExecutionId;
        instance.Inbox.Enqueue(own);
        await instance.TurnAsync();
        Assert.Equal("1", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_failed_activity_throws_with_the_details_of_its_error()
    {
        using var workflows = Workflows.Of(async context =>
        {
            try
            {
                await context.CallActivityAsync("A");
                return "no error";
            }
            catch (WorkflowTaskFailedException exception)
            {
                return $"{exception.FailureDetails.ErrorType}|{exception.FailureDetails.ErrorMessage}|{exception.FailureDetails.IsCausedBy<ArgumentException>()}";
            }
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.FailActivity(0, "System.ArgumentNullException", "no sku");
        await instance.TurnAsync();

        Assert.Equal("\"System.ArgumentNullException|no sku|True\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task An_exception_that_leaves_the_code_fails_the_instance_with_type_message_cause_and_stack()
    {
        using var workflows = Workflows.Of<string>(async context =>
        {
            await context.CallActivityAsync("A");
            throw new InvalidOperationException("outer", new FormatException("inner"));
        });
        var instance = new SimulatedInstance(workflows) { };
        await instance.TurnAsync();
        instance.CompleteActivity(0, null);
        await instance.TurnAsync();

        var failure = instance.Completion!.FailureDetails;
        Assert.Equal(WorkflowStatus.Failed, instance.Completion.WorkflowStatus);
        Assert.Equal("System.InvalidOperationException", failure.ErrorType);
        Assert.Equal("outer", failure.ErrorMessage);
        Assert.Contains(nameof(CallTests), failure.StackTrace);
        Assert.Equal("inner", failure.InnerFailure.ErrorMessage);
    }

    [Fact]
    public async Task A_child_gets_the_given_id_or_one_that_is_the_same_in_every_replay()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var named = context.CallChildWorkflowAsync<string>("C", 1, new ChildWorkflowTaskOptions(InstanceId: "child-1"));
            var unnamed = context.CallChildWorkflowAsync<string>("C", 2);
            return await named + await unnamed;
        });
        var instance = new SimulatedInstance(workflows);
        var request = instance.NextRequest();
        var first = await workflows.Turns.RunAsync(request.Clone(), "");
        var again = await workflows.Turns.RunAsync(request.Clone(), "");

        Assert.Equal("child-1", first.Actions[0].CreateChildWorkflow.InstanceId);
        Assert.True(Guid.TryParse(first.Actions[1].CreateChildWorkflow.InstanceId, out _));
        Assert.Equal(first, again);
    }

    [Fact]
    public async Task A_failed_child_throws_with_the_details_of_its_error()
    {
        using var workflows = Workflows.Of(async context =>
            (await Assert.ThrowsAsync<WorkflowTaskFailedException>(() => context.CallChildWorkflowAsync("C"))).FailureDetails.ErrorMessage);
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.Inbox.Enqueue(instance.Outside(new HistoryEvent
        {
            ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = 0, FailureDetails = new TaskFailureDetails { ErrorMessage = "gone" } },
        }));
        await instance.TurnAsync();

        Assert.Equal("\"gone\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_call_to_another_app_names_that_app()
    {
        using var workflows = Workflows.Of(async context =>
            await context.CallActivityAsync<string>("A", null, new WorkflowTaskOptions(TargetAppId: "payment", PropagationScope: Dapr.Workflow.HistoryPropagationScope.Lineage)));
        var instance = new SimulatedInstance(workflows);
        instance.Inbox.Peek().Router = new TaskRouter { SourceAppId = "ordering" };

        var action = (await instance.TurnAsync()).Actions.Single();

        Assert.Equal("payment", action.Router.TargetAppId);
        Assert.Equal("ordering", action.Router.SourceAppId);
        Assert.Equal(PropagationScope.Lineage, action.ScheduleTask.HistoryPropagationScope);
    }

    [Fact]
    public async Task An_event_sent_by_another_instance_is_received_like_a_raised_one()
    {
        using var workflows = Workflows.Of(context => context.WaitForExternalEventAsync<int>("hello"));
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        var sent = instance.Outside(new HistoryEvent { EventSent = new EventSentEvent { InstanceId = instance.Id, Name = "Hello", Input = "5" } });
        sent.EventId = 3;
        instance.Inbox.Enqueue(sent);
        await instance.TurnAsync();

        Assert.Equal("5", instance.Completion!.Result);
    }

    [Fact]
    public async Task An_instance_whose_workflow_is_not_registered_fails_and_says_what_to_do()
    {
        using var workflows = new Workflows(_ => { });
        var instance = new SimulatedInstance(workflows, name: "Missing");
        await instance.TurnAsync();

        Assert.Equal("WorkflowNotFound", instance.Completion!.FailureDetails.ErrorType);
        Assert.Contains("RegisterWorkflow", instance.Completion.FailureDetails.ErrorMessage);
    }

    [Fact]
    public async Task Names_are_found_without_regard_to_case()
    {
        using var workflows = Workflows.Of(_ => Task.FromResult(1));
        var instance = new SimulatedInstance(workflows, name: "tEST");
        await instance.TurnAsync();

        Assert.Equal("1", instance.Completion!.Result);
    }

    [Fact]
    public async Task An_input_that_does_not_fit_fails_the_instance()
    {
        using var workflows = new Workflows(options => options.RegisterWorkflow<int, int>("Test", (_, input) => Task.FromResult(input)));
        var instance = new SimulatedInstance(workflows, input: "\"text\"");
        await instance.TurnAsync();

        Assert.Equal(WorkflowStatus.Failed, instance.Completion!.WorkflowStatus);
        Assert.Equal("System.Text.Json.JsonException", instance.Completion.FailureDetails.ErrorType);
    }

    [Fact]
    public async Task A_missing_input_is_null_where_that_is_possible_and_an_error_that_says_so_where_not()
    {
        using var workflows = new Workflows(options =>
        {
            options.RegisterWorkflow<int?, bool>("Optional", (_, input) => Task.FromResult(input is null));
            options.RegisterWorkflow<int, int>("Required", (_, input) => Task.FromResult(input));
        });
        var optional = new SimulatedInstance(workflows, "Optional");
        await optional.TurnAsync();
        var required = new SimulatedInstance(workflows, "Required");
        await required.TurnAsync();

        Assert.Equal("true", optional.Completion!.Result);
        Assert.Equal("An input of type Int32 is required, but none was given.", required.Completion!.FailureDetails.ErrorMessage);
    }
}
