using Dapr.Workflow;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;
using Microsoft.Extensions.Logging;

namespace Eventide.Workflow.Tests.Replay;

public sealed class ReplayTests
{
    [Fact]
    public async Task The_clock_is_when_the_turn_began_and_the_same_in_every_replay()
    {
        var seen = new List<DateTime>();
        using var workflows = Workflows.Of(async context =>
        {
            seen.Add(context.CurrentUtcDateTime);
            await context.CallActivityAsync("A");
            seen.Add(context.CurrentUtcDateTime);
            await context.CallActivityAsync("B");
            return context.CurrentUtcDateTime;
        });
        var instance = new SimulatedInstance(workflows);
        var begin = instance.Now;
        instance.Answer = action => instance.Completed(action.Id, null);
        await instance.RunAsync();

        Assert.Equal([begin, begin, begin.AddSeconds(1), begin, begin.AddSeconds(1)], seen);
        Assert.All(seen, time => Assert.Equal(DateTimeKind.Utc, time.Kind));
    }

    [Fact]
    public async Task Identifiers_are_the_same_in_every_replay_and_new_in_the_next_run()
    {
        using var workflows = new Workflows(options => options.RegisterWorkflow<int, int>("Test", async (context, round) =>
        {
            await context.CallActivityAsync("A", context.NewGuid());
            await context.CallActivityAsync("B", context.NewGuid());
            if (round == 0)
                context.ContinueAsNew(1);

            return 0;
        }));
        var instance = new SimulatedInstance(workflows, input: "0");
        var inputs = new List<string>();
        instance.Answer = action =>
        {
            inputs.Add(action.ScheduleTask.Input);
            return instance.Completed(action.Id, null);
        };
        await instance.RunAsync();

        Assert.Equal(4, inputs.Distinct().Count());
    }

    [Fact]
    public void Identifiers_and_task_keys_are_version_5_of_the_execution()
    {
        var guids = new Dapr.Workflow.Replay.DeterministicGuids("order-1", "0b5d3c9e-7a44-4c0a-9a6e-0d7a8a0b1c2d");

        // Computed independently: python3 -c "import uuid; e = uuid.UUID('0b5d3c9e-7a44-4c0a-9a6e-0d7a8a0b1c2d'); print(uuid.uuid5(e, 'order-1_0'))"
        Assert.Equal(Guid.Parse("80634a8b-6bb4-55ca-b3d1-37e3a434912d"), guids.Next());
        Assert.Equal("fea1ef2ac253592a90856d2ae844fb5d", guids.TaskExecutionId(0, "A"));
    }

    [Fact]
    public async Task Code_that_ran_before_is_replaying_and_code_that_runs_first_is_not()
    {
        var seen = new List<bool>();
        using var workflows = Workflows.Of(async context =>
        {
            seen.Add(context.IsReplaying);
            await context.CallActivityAsync("A");
            seen.Add(context.IsReplaying);
            return 1;
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(0, null);
        await instance.TurnAsync();

        Assert.Equal([false, true, false], seen);
    }

    [Fact]
    public async Task The_replay_safe_logger_says_each_thing_once()
    {
        var logs = new LogRecorder();
        using var workflows = Workflows.Of(
            async context =>
            {
                var loggers = new[] { context.CreateReplaySafeLogger("x"), context.CreateReplaySafeLogger(typeof(ReplayTests)), context.CreateReplaySafeLogger<ReplayTests>() };
                foreach (var logger in loggers)
                    logger.LogInformation("before");

                await context.CallActivityAsync("A");
                foreach (var logger in loggers)
                    logger.LogInformation("after");

                return loggers[0].IsEnabled(LogLevel.Information);
            },
            logs);
        var instance = new SimulatedInstance(workflows) { };
        await instance.TurnAsync();
        instance.CompleteActivity(0, null);
        await instance.TurnAsync();

        Assert.Equal(["before", "before", "before", "after", "after", "after"], logs.Messages);
        Assert.Equal("true", instance.Completion!.Result);
    }

    [Fact]
    public async Task The_custom_status_is_what_the_code_last_set()
    {
        using var workflows = Workflows.Of(async context =>
        {
            context.SetCustomStatus("one");
            await context.CallActivityAsync("A");
            context.SetCustomStatus(new { Step = 2 });
            await context.CallActivityAsync("B");
            return context.InstanceId + context.Name;
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        Assert.Equal("\"one\"", instance.CustomStatus);
        instance.CompleteActivity(0, null);
        await instance.TurnAsync();
        Assert.Equal("{\"step\":2}", instance.CustomStatus);
        instance.CompleteActivity(1, null);
        await instance.TurnAsync();
        Assert.Equal("\"instance-1Test\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_patch_is_taken_by_new_instances_and_by_those_that_had_not_come_to_it()
    {
        var patched = false;
        using var workflows = Workflows.Of(async context =>
        {
            await context.CallActivityAsync("A");
            var name = patched && context.IsPatched("better-b") ? "BetterB" : "B";
            await context.CallActivityAsync(name);
            return name;
        });
        var passed = new SimulatedInstance(workflows, id: "passed");
        var before = new SimulatedInstance(workflows, id: "before");
        await passed.TurnAsync();
        passed.CompleteActivity(0, null);
        await passed.TurnAsync();
        await before.TurnAsync();

        patched = true;
        passed.CompleteActivity(1, null);
        Assert.Null((await passed.TurnAsync()).Version);
        Assert.Equal("\"B\"", passed.Completion!.Result);

        before.CompleteActivity(0, null);
        var response = await before.TurnAsync();
        Assert.Equal(["better-b"], response.Version.Patches);
        before.CompleteActivity(1, null);
        Assert.Equal(["better-b"], (await before.TurnAsync()).Version.Patches);
        Assert.Equal("\"BetterB\"", before.Completion!.Result);
    }

    [Fact]
    public async Task Starting_over_takes_the_events_that_nobody_waited_for_also_those_of_the_same_turn()
    {
        using var workflows = new Workflows(options => options.RegisterWorkflow<int, int>("Test", async (context, sum) =>
        {
            sum += await context.WaitForExternalEventAsync<int>("add");
            if (sum < 6)
            {
                context.ContinueAsNew(sum);
                return -1;
            }

            return sum;
        }));
        var instance = new SimulatedInstance(workflows, input: "0");
        await instance.TurnAsync();
        foreach (var json in new[] { "1", "2", "3" })
            instance.Raise("add", json);

        await instance.RunAsync();

        Assert.Equal("6", instance.Completion!.Result);
        Assert.Equal("instance-1-execution-3", instance.ExecutionId);
    }

    [Fact]
    public async Task Starting_over_drops_the_events_when_asked_to()
    {
        using var workflows = Workflows.Of(context =>
        {
            context.ContinueAsNew("next", preserveUnprocessedEvents: false);
            return Task.FromResult(0);
        });
        var instance = new SimulatedInstance(workflows);
        instance.Raise("unheard", "1");

        var completion = (await workflows.Turns.RunAsync(instance.NextRequest(), "")).Actions.Single().CompleteWorkflow;

        Assert.Equal(WorkflowStatus.ContinuedAsNew, completion.WorkflowStatus);
        Assert.Equal("\"next\"", completion.Result);
        Assert.Empty(completion.CarryoverEvents);
    }

    [Fact]
    public async Task A_suspended_instance_keeps_what_arrives_and_goes_on_with_it_when_resumed()
    {
        var logs = new LogRecorder();
        using var workflows = Workflows.Of(
            async context =>
            {
                await context.CallActivityAsync("A");
                context.CreateReplaySafeLogger("x").LogInformation("after A");
                var answer = await context.WaitForExternalEventAsync<int>("answer");
                await context.CallActivityAsync("B");
                return answer;
            },
            logs);
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.Suspend();
        Assert.Empty((await instance.TurnAsync()).Actions);
        instance.CompleteActivity(0, null);
        Assert.Empty((await instance.TurnAsync()).Actions);
        instance.Raise("answer", "42");
        Assert.Empty((await instance.TurnAsync()).Actions);
        Assert.Empty(logs.Messages);

        instance.Resume();
        var resumed = await instance.TurnAsync();

        Assert.Equal("B", resumed.Actions.Single().ScheduleTask.Name);
        Assert.Equal(["after A"], logs.Messages);
        instance.CompleteActivity(1, null);
        await instance.TurnAsync();
        Assert.Equal("42", instance.Completion!.Result);
        Assert.Equal(["after A"], logs.Messages);
    }

    [Fact]
    public async Task A_terminated_instance_ends_with_the_given_output_and_its_code_does_not_run()
    {
        using var workflows = Workflows.Of(async context =>
        {
            await context.CallActivityAsync("A");
            Assert.Fail("must not run");
            return 1;
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(0, null);
        instance.Terminate("\"enough\"");
        await instance.TurnAsync();

        Assert.Equal(WorkflowStatus.Terminated, instance.Completion!.WorkflowStatus);
        Assert.Equal("\"enough\"", instance.Completion.Result);
    }

    [Fact]
    public async Task The_trace_that_started_the_instance_is_current_in_its_code()
    {
        using var workflows = Workflows.Of(_ => Task.FromResult(System.Diagnostics.Activity.Current?.TraceId.ToString()));
        var trace = new TraceContext { TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
        var instance = new SimulatedInstance(workflows, trace: trace);
        await instance.TurnAsync();

        Assert.Equal("\"0af7651916cd43dd8448eb211c80319c\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task What_ancestors_handed_on_can_be_read()
    {
        using var workflows = Workflows.Of(context =>
        {
            var history = context.GetPropagatedHistory()!;
            Assert.True(history.TryGetLastWorkflowEventByName("parent", out var parent));
            Assert.True(parent.TryGetLastActivityByName("reserve", out var reserve));
            Assert.Equal([PropagatedHistoryStatus.Completed, PropagatedHistoryStatus.Failed, PropagatedHistoryStatus.Pending], parent.Activities.Select(a => a.Status));
            Assert.Equal(PropagatedHistoryStatus.Completed, parent.GetWorkflowsByName("Child").Single().Status);
            Assert.Equal(["shop"], history.GetAppIds());
            Assert.Single(history.GetByAppId("SHOP"));
            Assert.Single(history.GetByInstanceId("p-1"));
            Assert.Single(history.GetEventsByWorkflowName("Parent"));
            Assert.False(parent.TryGetLastWorkflowByName("none", out _));
            Assert.Equal("gone", parent.GetActivitiesByName("pay").Single().FailureDetails!.ErrorMessage);
            return Task.FromResult(reserve.Input + reserve.Output);
        });
        var instance = new SimulatedInstance(workflows);
        var request = instance.NextRequest();
        var chunk = new PropagatedHistoryChunk { AppId = "shop", InstanceId = "p-1", WorkflowName = "Parent" };
        chunk.RawEvents.Add(new[]
        {
            new HistoryEvent { EventId = 0, TaskScheduled = new TaskScheduledEvent { Name = "Reserve", Input = "1" } },
            new HistoryEvent { EventId = 1, TaskScheduled = new TaskScheduledEvent { Name = "Pay" } },
            new HistoryEvent { EventId = 2, TaskScheduled = new TaskScheduledEvent { Name = "Ship" } },
            new HistoryEvent { EventId = 3, ChildWorkflowInstanceCreated = new ChildWorkflowInstanceCreatedEvent { Name = "Child" } },
            new HistoryEvent { EventId = -1, TaskCompleted = new TaskCompletedEvent { TaskScheduledId = 0, Result = "2" } },
            new HistoryEvent { EventId = -1, TaskFailed = new TaskFailedEvent { TaskScheduledId = 1, FailureDetails = new TaskFailureDetails { ErrorMessage = "gone" } } },
            new HistoryEvent { EventId = -1, ChildWorkflowInstanceCompleted = new ChildWorkflowInstanceCompletedEvent { TaskScheduledId = 3, Result = "3" } },
        }.Select(e => Google.Protobuf.MessageExtensions.ToByteString(e)));
        request.PropagatedHistory = new Eventide.Workflow.Protocol.PropagatedHistory { Chunks = { chunk } };

        var response = await workflows.Turns.RunAsync(request, "");

        Assert.Equal("\"12\"", response.Actions.Single().CompleteWorkflow.Result);
    }
}
