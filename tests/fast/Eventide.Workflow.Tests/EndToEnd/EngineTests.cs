using System.Collections.Concurrent;
using Dapr.Workflow;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;
using Grpc.Core;

namespace Eventide.Workflow.Tests.EndToEnd;

/// <summary>The library against the real engine: what only shows when the two meet.</summary>
public sealed class EngineTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_clock_and_the_identifiers_of_a_turn_are_the_same_when_it_is_replayed()
    {
        var clocks = new ConcurrentBag<(int Place, DateTime Time, Guid Id)>();
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Clock", async (context, _) =>
            {
                for (var place = 0; place < 4; place++)
                {
                    clocks.Add((place, context.CurrentUtcDateTime, context.NewGuid()));
                    await context.CallActivityAsync("Nothing");
                }

                return 0;
            });
            options.RegisterActivity<object?, int>("Nothing", (_, _) => Task.FromResult(0));
        });
        await shop.CompletionAsync(await shop.Client.ScheduleNewWorkflowAsync("Clock", null, 0));

        Assert.Equal(14, clocks.Count);
        Assert.Equal(4, clocks.Distinct().Count());
    }

    [Fact]
    public async Task The_next_run_has_identifiers_of_its_own()
    {
        var seen = new ConcurrentDictionary<Guid, int>();
        await using var shop = await Shop.OpenAsync(options => options.RegisterWorkflow<int, int>("Again", (context, round) =>
        {
            seen[context.NewGuid()] = round;
            if (round < 3)
                context.ContinueAsNew(round + 1);

            return Task.FromResult(round);
        }));
        await shop.CompletionAsync(await shop.Client.ScheduleNewWorkflowAsync("Again", null, 0));

        Assert.Equal(4, seen.Count);
    }

    [Fact]
    public async Task An_outcome_that_comes_after_the_workflow_started_over_is_not_taken_for_one_of_the_new_run()
    {
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<string, string>("Over", async (context, run) =>
            {
                var called = context.CallActivityAsync<string>("Slow", run);
                if (run == "first")
                {
                    await context.WaitForExternalEventAsync<int>("over");
                    context.ContinueAsNew("second");
                    return "";
                }

                return await called;
            });
            options.RegisterActivity<string, string>("Slow", async (_, run) =>
            {
                // The first call is answered only when the second one runs, and the second only when the first answer was dealt with.
                if (run == "first")
                {
                    await released.Task;
                }
                else
                {
                    released.SetResult();
                    await refused.Task;
                }

                return run;
            });
        });
        var id = await shop.Client.ScheduleNewWorkflowAsync("Over", null, "first");
        await shop.Client.RaiseEventAsync(id, "over", 1, Cancellation);
        await shop.LoggedAsync("did not take the answer");
        refused.SetResult();

        Assert.Equal("second", (await shop.CompletionAsync(id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_child_is_repeated_under_its_id_until_it_succeeds()
    {
        var attempts = 0;
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Parent", (context, _) => context.CallChildWorkflowAsync<int>(
                "Child", null, new ChildWorkflowTaskOptions("the-child", new WorkflowRetryPolicy(5, TimeSpan.FromMilliseconds(5)))));
            options.RegisterWorkflow<object?, int>("Child", async (context, _) => await context.CallActivityAsync<int>("Fails"));
            options.RegisterActivity<object?, int>("Fails", (_, _) =>
                Interlocked.Increment(ref attempts) < 3 ? throw new IOException("not yet") : Task.FromResult(attempts));
        });
        var state = await shop.CompletionAsync(await shop.Client.ScheduleNewWorkflowAsync("Parent", null, 0));

        Assert.Equal(3, state.ReadOutputAs<int>());
    }

    [Fact]
    public async Task A_child_whose_id_is_taken_fails_its_call()
    {
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<int, string>("Parent", async (context, _) =>
            {
                try
                {
                    return await context.CallChildWorkflowAsync<string>("Waits", null, new ChildWorkflowTaskOptions("taken"));
                }
                catch (WorkflowTaskFailedException exception)
                {
                    return exception.FailureDetails.ErrorType;
                }
            });
            options.RegisterWorkflow<object?, string>("Waits", (context, _) => context.WaitForExternalEventAsync<string>("go"));
        });
        await shop.Client.ScheduleNewWorkflowAsync("Waits", "taken");
        var state = await shop.CompletionAsync(await shop.Client.ScheduleNewWorkflowAsync("Parent", null, 0));

        Assert.Equal("AlreadyExists", state.ReadOutputAs<string>());
        Assert.True((await shop.Client.GetWorkflowStateAsync("taken", cancellation: Cancellation)).IsWorkflowRunning);
    }

    [Fact]
    public async Task Calls_of_another_app_fail_and_say_that_they_are_not_served()
    {
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("Calls", async (context, _) =>
            {
                var errors = new List<string>();
                foreach (var call in new Func<Task>[]
                         {
                             () => context.CallActivityAsync("Nothing", null, new WorkflowTaskOptions(TargetAppId: "other")),
                             () => context.CallChildWorkflowAsync("Calls", null, new ChildWorkflowTaskOptions(TargetAppId: "other")),
                         })
                {
                    try
                    {
                        await call();
                    }
                    catch (WorkflowTaskFailedException failure)
                    {
                        errors.Add(failure.FailureDetails.ErrorMessage);
                    }
                }

                return string.Join(' ', errors.Select(error => error.Split(':')[0]));
            });
            options.RegisterActivity<object?, int>("Nothing", (_, _) => Task.FromResult(0));
        });
        var state = await shop.CompletionAsync(await shop.Client.ScheduleNewWorkflowAsync("Calls"));

        Assert.Equal("Activity 'Nothing' belongs to app 'other' Child workflow 'Calls' belongs to app 'other'", state.ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_late_answer_to_a_turn_that_another_worker_answered_changes_nothing()
    {
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<object?, string>("Two", async (context, _) =>
                await context.WaitForExternalEventAsync<string>("first") + await context.WaitForExternalEventAsync<string>("second"));
        });
        await shop.StopAppAsync();
        var raw = shop.Raw();
        // A worker without the library takes the turn, then loses its stream.
        var start = raw.StartInstanceAsync(new CreateInstanceRequest { InstanceId = "two", Name = "Two" }, cancellationToken: Cancellation);
        WorkItem taken;
        using (var stream = raw.GetWorkItems(new GetWorkItemsRequest(), cancellationToken: Cancellation))
        {
            Assert.True(await stream.ResponseStream.MoveNext(Cancellation));
            taken = stream.ResponseStream.Current;
        }

        await shop.StartAppAsync();
        await start;
        var late = new WorkflowResponse { InstanceId = "two", CompletionToken = taken.CompletionToken };
        late.Actions.Add(new WorkflowAction { CompleteWorkflow = new CompleteWorkflowAction { WorkflowStatus = WorkflowStatus.Completed, Result = "\"wrong\"" } });
        await Assert.ThrowsAsync<RpcException>(async () => await raw.CompleteWorkflowTaskAsync(late, cancellationToken: Cancellation));
        await shop.Client.RaiseEventAsync("two", "first", "a", Cancellation);
        await shop.Client.RaiseEventAsync("two", "second", "b", Cancellation);

        Assert.Equal("ab", (await shop.CompletionAsync("two")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Every_instance_goes_on_when_sidecar_and_app_are_stopped_in_turns()
    {
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Long", async (context, value) =>
            {
                for (var i = 0; i < 3; i++)
                {
                    value = await context.CallActivityAsync<int>("AddOne", value);
                    await context.CreateTimer(TimeSpan.FromMilliseconds(20));
                    value += await context.WaitForExternalEventAsync<int>("add", TimeSpan.FromMinutes(5));
                    value = await context.CallChildWorkflowAsync<int>("AddTen", value);
                }

                return value;
            });
            options.RegisterWorkflow<int, int>("AddTen", async (context, value) => 9 + await context.CallActivityAsync<int>("AddOne", value));
            options.RegisterActivity<int, int>("AddOne", (_, value) => Task.FromResult(value + 1));
        });
        var ids = new List<string>();
        for (var i = 0; i < 20; i++)
            ids.Add(await shop.Client.ScheduleNewWorkflowAsync("Long", $"long-{i}", i));

        for (var round = 0; round < 3; round++)
        {
            foreach (var id in ids)
                await shop.Client.RaiseEventAsync(id, "add", 100, Cancellation);

            if (round == 1)
                await shop.StopAppAsync();

            await shop.StopSidecarAsync();
            await shop.StartSidecarAsync();
            if (round == 1)
                await shop.StartAppAsync();
        }

        for (var i = 0; i < ids.Count; i++)
            Assert.Equal(i + 333, (await shop.CompletionAsync(ids[i])).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Instances_are_shared_among_the_replicas_of_an_app()
    {
        await using var shop = await Shop.OpenAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Chain", async (context, value) =>
            {
                for (var i = 0; i < 5; i++)
                    value = await context.CallActivityAsync<int>("AddOne", value);

                return value;
            });
            options.RegisterActivity<int, int>("AddOne", (_, value) => Task.FromResult(value + 1));
        });
        using var second = shop.Build();
        await second.StartAsync(Cancellation);
        var ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(i => shop.Client.ScheduleNewWorkflowAsync("Chain", null, i)));
        await second.StopAsync(Cancellation);
        for (var i = 0; i < ids.Length; i++)
            Assert.Equal(i + 5, (await shop.CompletionAsync(ids[i])).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Who_waits_for_an_instance_is_told_that_the_sidecar_stops()
    {
        await using var shop = await Shop.OpenAsync(options =>
            options.RegisterWorkflow<object?, string>("Waits", (context, _) => context.WaitForExternalEventAsync<string>("go")));
        await shop.Client.ScheduleNewWorkflowAsync("Waits", "waits");
        var waiting = shop.Raw().WaitForInstanceCompletionAsync(new GetInstanceRequest { InstanceId = "waits" }, cancellationToken: Cancellation).ResponseAsync;
        await shop.StopSidecarAsync();

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => waiting)).StatusCode);
    }

    [Fact]
    public async Task Suspend_resume_terminate_and_purge_act_on_the_instance()
    {
        await using var shop = await Shop.OpenAsync(options =>
            options.RegisterWorkflow<object?, string>("Waits", (context, _) => context.WaitForExternalEventAsync<string>("go")));
        var id = await shop.Client.ScheduleNewWorkflowAsync("Waits");
        await shop.Client.SuspendWorkflowAsync(id, "hold", Cancellation);
        Assert.Equal(WorkflowRuntimeStatus.Suspended, (await shop.Client.GetWorkflowStateAsync(id, cancellation: Cancellation)).RuntimeStatus);
        await shop.Client.RaiseEventAsync(id, "go", "x", Cancellation);
        await shop.Client.ResumeWorkflowAsync(id, "on", Cancellation);
        Assert.Equal("x", (await shop.CompletionAsync(id)).ReadOutputAs<string>());

        var other = await shop.Client.ScheduleNewWorkflowAsync("Waits");
        await shop.Client.TerminateWorkflowAsync(other, "enough", Cancellation);
        var ended = await shop.CompletionAsync(other);
        Assert.Equal((WorkflowRuntimeStatus.Terminated, "enough"), (ended.RuntimeStatus, ended.ReadOutputAs<string>()));
        Assert.True(await shop.Client.PurgeInstanceAsync(other, Cancellation));
        Assert.False((await shop.Client.GetWorkflowStateAsync(other, cancellation: Cancellation)).Exists);
    }
}
