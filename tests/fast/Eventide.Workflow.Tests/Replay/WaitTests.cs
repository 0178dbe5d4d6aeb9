using Dapr.Workflow;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;

namespace Eventide.Workflow.Tests.Replay;

public sealed class WaitTests
{
    [Fact]
    public async Task Events_are_taken_in_order_of_arrival_and_without_regard_to_case()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var first = context.WaitForExternalEventAsync<int>("stock");
            var second = context.WaitForExternalEventAsync<int>("STOCK");
            return new[] { await first, await second, await context.WaitForExternalEventAsync<int>("Stock") };
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        foreach (var json in new[] { "1", "2", "3" })
            instance.Raise("sTock", json);

        await instance.RunAsync(take: 1);

        Assert.Equal("[1,2,3]", instance.Completion!.Result);
    }

    [Fact]
    public async Task An_event_that_comes_before_the_wait_is_kept()
    {
        using var workflows = Workflows.Of(async context =>
        {
            await context.CallActivityAsync("A");
            return await context.WaitForExternalEventAsync<string>("late");
        });
        var instance = new SimulatedInstance(workflows);
        instance.Raise("late", "\"kept\"");
        await instance.TurnAsync();
        instance.CompleteActivity(0, null);
        await instance.TurnAsync();

        Assert.Equal("\"kept\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_wait_that_timed_out_takes_no_later_event()
    {
        using var workflows = Workflows.Of(async context =>
        {
            try
            {
                await context.WaitForExternalEventAsync<string>("reply", TimeSpan.FromMinutes(5));
                return "in time";
            }
            catch (TaskCanceledException)
            {
                return "late: " + await context.WaitForExternalEventAsync<string>("reply", TimeSpan.FromMinutes(5));
            }
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.FireTimer(0);
        await instance.TurnAsync();
        instance.Raise("reply", "\"x\"");
        await instance.TurnAsync();

        Assert.Equal("\"late: x\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_timer_that_lost_against_its_event_changes_nothing_when_it_fires()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var reply = await context.WaitForExternalEventAsync<string>("reply", TimeSpan.FromMinutes(5));
            return reply + await context.CallActivityAsync<string>("A");
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.Raise("reply", "\"x\"");
        instance.FireTimer(0);
        await instance.TurnAsync();
        instance.FireTimer(0);
        instance.CompleteActivity(1, "\"y\"");
        await instance.TurnAsync();

        Assert.Equal("\"xy\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task Of_a_timer_and_an_event_in_one_turn_the_first_wins()
    {
        using var workflows = Workflows.Of(async context =>
        {
            try
            {
                return await context.WaitForExternalEventAsync<string>("reply", TimeSpan.FromMinutes(5));
            }
            catch (TaskCanceledException)
            {
                return "timeout";
            }
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.FireTimer(0);
        instance.Raise("reply", "\"x\"");
        await instance.TurnAsync();

        Assert.Equal("\"timeout\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_wait_with_a_limit_sets_its_timer_also_when_the_event_is_there()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var reply = await context.WaitForExternalEventAsync<string>("reply", TimeSpan.FromMinutes(5));
            return reply + await context.CallActivityAsync<string>("A");
        });
        var instance = new SimulatedInstance(workflows);
        instance.Raise("reply", "\"x\"");
        // The event arrives with the start, but after it: the code waits first. Then again with the event before the wait.
        var together = await instance.TurnAsync();

        Assert.Equal(2, together.Actions.Count);
        Assert.Equal("reply", together.Actions[0].CreateTimer.ExternalEvent.Name);
        Assert.Equal(1, together.Actions[1].Id);
    }

    [Fact]
    public async Task A_wait_without_time_is_over_at_once_and_sets_no_timer()
    {
        using var workflows = Workflows.Of(async context =>
        {
            await Assert.ThrowsAsync<TaskCanceledException>(() => context.WaitForExternalEventAsync<string>("reply", TimeSpan.Zero));
            return "over";
        });
        var instance = new SimulatedInstance(workflows);

        Assert.Equal("\"over\"", (await instance.TurnAsync()).Actions.Single().CompleteWorkflow.Result);
    }

    [Fact]
    public async Task A_wait_of_negative_time_has_no_end_and_its_timer_never_fires()
    {
        using var workflows = Workflows.Of(context => context.WaitForExternalEventAsync<int>("reply", Timeout.InfiniteTimeSpan));
        var instance = new SimulatedInstance(workflows);
        var timer = (await instance.TurnAsync()).Actions.Single().CreateTimer;
        Assert.Equal("9999-12-31T23:59:59.9999999", timer.FireAt.ToDateTime().ToString("yyyy-MM-ddTHH:mm:ss.fffffff"));

        instance.Raise("reply", "7");
        await instance.TurnAsync();
        Assert.Equal("7", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_wait_that_the_code_cancels_takes_no_later_event()
    {
        using var workflows = Workflows.Of(async context =>
        {
            using var cancellation = new CancellationTokenSource();
            var abandoned = context.WaitForExternalEventAsync<int>("reply", cancellation.Token);
            await context.CallActivityAsync("A");
            cancellation.Cancel();
            await Assert.ThrowsAsync<TaskCanceledException>(() => abandoned);
            return await context.WaitForExternalEventAsync<int>("reply");
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(0, null);
        instance.Raise("reply", "9");
        await instance.TurnAsync();

        Assert.Equal("9", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_timer_that_the_code_cancels_is_over_for_the_code_and_may_fire_later()
    {
        using var workflows = Workflows.Of(async context =>
        {
            using var cancellation = new CancellationTokenSource();
            var timer = context.CreateTimer(TimeSpan.FromDays(1), cancellation.Token);
            await context.CallActivityAsync("A");
            cancellation.Cancel();
            await Assert.ThrowsAsync<TaskCanceledException>(() => timer);
            await context.CallActivityAsync("B");
            return "done";
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(1, null);
        await instance.TurnAsync();
        instance.FireTimer(0);
        instance.CompleteActivity(2, null);
        await instance.TurnAsync();

        Assert.Equal("\"done\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_timer_takes_a_time_that_says_it_is_UTC_and_refuses_one_that_does_not()
    {
        using var workflows = Workflows.Of(async context =>
        {
            await Assert.ThrowsAsync<ArgumentException>(() => context.CreateTimer(new DateTime(2026, 1, 1), CancellationToken.None));
            await context.CreateTimer(new DateTime(2027, 1, 1, 0, 0, 0, DateTimeKind.Utc), CancellationToken.None);
            return 1;
        });
        var instance = new SimulatedInstance(workflows);

        Assert.Equal(new DateTime(2027, 1, 1), (await instance.TurnAsync()).Actions.Single().CreateTimer.FireAt.ToDateTime());
        Assert.Equal(0, instance.History[^1].EventId);
    }
}
