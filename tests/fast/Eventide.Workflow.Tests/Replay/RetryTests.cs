using Dapr.Workflow;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;

namespace Eventide.Workflow.Tests.Replay;

public sealed class RetryTests
{
    [Fact]
    public async Task Pauses_grow_by_the_coefficient_up_to_the_longest_and_are_marked_as_retries_of_one_call()
    {
        var policy = new WorkflowRetryPolicy(6, TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(5));
        var (instance, _) = await RunAsync(policy, failures: 5);

        var timers = instance.History.Where(e => e.TimerCreated is not null).ToList();
        var failures = instance.History.Where(e => e.TaskFailed is not null).ToList();
        Assert.Equal([1, 2, 4, 5, 5], timers.Zip(failures, (timer, failed) => (timer.TimerCreated.FireAt - failed.Timestamp).ToTimeSpan().TotalSeconds));
        Assert.Equal("\"ok\"", instance.Completion!.Result);
    }

    [Fact]
    public async Task The_last_failure_is_thrown_when_the_attempts_are_used_up()
    {
        var (instance, _) = await RunAsync(new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(1)), failures: 100);

        Assert.Equal(3, instance.History.Count(e => e.TaskScheduled is not null));
        Assert.Equal(WorkflowStatus.Failed, instance.Completion!.WorkflowStatus);
        Assert.Contains("failure 3", instance.Completion.FailureDetails.ErrorMessage);
    }

    [Fact]
    public async Task No_further_attempt_is_made_after_the_time_limit()
    {
        var policy = new WorkflowRetryPolicy(100, TimeSpan.FromSeconds(10), retryTimeout: TimeSpan.FromSeconds(30));
        var (instance, _) = await RunAsync(policy, failures: 100);

        Assert.InRange(instance.History.Count(e => e.TaskScheduled is not null), 3, 5);
        Assert.Equal(WorkflowStatus.Failed, instance.Completion!.WorkflowStatus);
    }

    [Fact]
    public void Backoff_never_overflows()
    {
        var policy = new WorkflowRetryPolicy(int.MaxValue, TimeSpan.FromSeconds(1), 2);

        Assert.Equal(WorkflowRetryPolicy.LongestPause, policy.PauseAfter(64));
        Assert.Equal(WorkflowRetryPolicy.LongestPause, policy.PauseAfter(int.MaxValue));
    }

    [Fact]
    public async Task A_child_with_a_given_id_is_repeated_under_that_id()
    {
        using var workflows = Workflows.Of(context => context.CallChildWorkflowAsync<string>(
            "C", null, new ChildWorkflowTaskOptions("child", new WorkflowRetryPolicy(2, TimeSpan.FromSeconds(1)))));
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.Inbox.Enqueue(instance.Outside(new HistoryEvent { ChildWorkflowInstanceFailed = new ChildWorkflowInstanceFailedEvent { TaskScheduledId = 0 } }));
        var pause = (await instance.TurnAsync()).Actions.Single();
        Assert.Equal("child", pause.CreateTimer.ChildWorkflowRetry.InstanceId);

        instance.FireTimer(1);
        Assert.Equal("child", (await instance.TurnAsync()).Actions.Single().CreateChildWorkflow.InstanceId);
    }

    [Theory]
    [InlineData(0, 1, 1.0, null, null)]
    [InlineData(1, 0, 1.0, null, null)]
    [InlineData(1, 1, 0.9, null, null)]
    [InlineData(1, 2, 1.0, 1, null)]
    [InlineData(1, 2, 1.0, null, 1)]
    [InlineData(1, 3601, 1.0, null, null)]
    public void A_policy_out_of_range_is_refused(int attempts, int first, double coefficient, int? longest, int? limit) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new WorkflowRetryPolicy(
            attempts,
            TimeSpan.FromSeconds(first),
            coefficient,
            longest is { } l ? TimeSpan.FromSeconds(l) : null,
            limit is { } t ? TimeSpan.FromSeconds(t) : null));

    [Fact]
    public void A_policy_keeps_its_values_and_an_open_limit_is_infinite()
    {
        var policy = new WorkflowRetryPolicy(4, TimeSpan.FromSeconds(2), 1.5, TimeSpan.FromSeconds(9));

        Assert.Equal((4, 2, 1.5, 9), (policy.MaxNumberOfAttempts, policy.FirstRetryInterval.TotalSeconds, policy.BackoffCoefficient, policy.MaxRetryInterval!.Value.TotalSeconds));
        Assert.Equal(Timeout.InfiniteTimeSpan, policy.RetryTimeout);
    }

    private static async Task<(SimulatedInstance Instance, int Attempts)> RunAsync(WorkflowRetryPolicy policy, int failures)
    {
        using var workflows = Workflows.Of(context => context.CallActivityAsync<string>("A", null, new WorkflowTaskOptions(policy)));
        var instance = new SimulatedInstance(workflows);
        var attempts = 0;
        await instance.TurnAsync();
        while (instance.Completion is null)
        {
            var last = instance.History[^1];
            if (last.TimerCreated is not null)
            {
                // The sidecar fires a timer when its time has come.
                instance.Now = last.TimerCreated.FireAt.ToDateTime();
                instance.FireTimer(last.EventId);
            }
            else if (++attempts <= failures)
            {
                instance.FailActivity(last.EventId, "System.IO.IOException", $"failure {attempts}");
            }
            else
            {
                instance.CompleteActivity(last.EventId, "\"ok\"");
            }

            await instance.TurnAsync();
        }

        return (instance, attempts);
    }
}
