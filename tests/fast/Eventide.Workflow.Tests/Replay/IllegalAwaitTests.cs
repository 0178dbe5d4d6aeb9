using System.Runtime.CompilerServices;
using Dapr.Workflow;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;

namespace Eventide.Workflow.Tests.Replay;

public sealed class IllegalAwaitTests
{
    [Fact]
    public async Task Waiting_for_the_clock_of_the_process_fails_and_names_what_to_use_instead()
    {
        var message = await FailAsync(_ => Task.Delay(Timeout.Infinite, CancellationToken.None));

        Assert.Contains("After 0 durable calls the workflow waits for something that is not durable.", message);
        Assert.Contains("context.CreateTimer instead of Task.Delay", message);
    }

    [Fact]
    public async Task Waiting_for_another_thread_fails_whether_it_is_quick_or_slow()
    {
        await FailAsync(_ => Task.Run(() => Thread.SpinWait(100)));
        await FailAsync(_ => Task.Run(() => Thread.Sleep(20)));
        await FailAsync(async _ => await Task.Yield());
    }

    [Fact]
    public async Task A_call_after_an_illegal_wait_fails_also_while_other_calls_are_open()
    {
        var reached = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var line = 0;
        var logs = new LogRecorder();
        using var workflows = Workflows.Of(
            async context =>
            {
                var open = context.CallActivityAsync("A");
                await release.Task;
                try
                {
                    await context.CallActivityAsync(Line("B", out line));
                }
                catch (Exception exception)
                {
                    reached.TrySetResult(exception);
                    throw;
                }

                await open;
                return 0;
            },
            logs);
        var instance = new SimulatedInstance(workflows);
        // The turn ends with A asked for, the illegal wait undetected; the code goes on when the turn is over.
        Assert.Equal("A", (await instance.TurnAsync()).Actions.Single().ScheduleTask.Name);
        release.SetResult();
        var error = await reached.Task;

        Assert.Contains($"IllegalAwaitTests.cs:{line} uses CallActivityAsync outside the workflow's own turn", error.Message);
        Assert.Contains(logs.Errors, message => message.Contains("instance-1", StringComparison.Ordinal) && message.Contains(error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_illegal_wait_is_found_at_the_latest_when_nothing_durable_is_open_any_more()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var open = context.CallActivityAsync("A");
            await Task.Delay(Timeout.Infinite, CancellationToken.None);
            await open;
            return 0;
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        instance.CompleteActivity(0, null);
        await instance.TurnAsync();

        Assert.Contains("After 1 durable call the workflow waits", instance.Completion!.FailureDetails.ErrorMessage);
    }

    [Fact]
    public async Task A_token_that_a_clock_cancels_cancels_no_durable_wait()
    {
        var logs = new LogRecorder();
        using var cancelled = new ManualResetEventSlim();
        using var clock = new CancellationTokenSource();
        using var workflows = Workflows.Of(
            async context =>
            {
                await context.WaitForExternalEventAsync<int>("e", clock.Token);
                return 0;
            },
            logs);
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();

        await Task.Run(clock.Cancel, TestContext.Current.CancellationToken);

        Assert.Contains(logs.Errors, message => message.Contains("CancellationToken outside the workflow's own turn", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ConfigureAwait_false_and_helpers_of_any_depth_stay_in_the_turn()
    {
        using var workflows = Workflows.Of(async context =>
        {
            var first = await Deep(context, 20).ConfigureAwait(false);
            var both = await Task.WhenAll(Deep(context, 3), Deep(context, 4)).ConfigureAwait(false);
            var any = await await Task.WhenAny(Deep(context, 1), Deep(context, 2)).ConfigureAwait(false);
            return first + both.Sum() + any;
        });
        var instance = new SimulatedInstance(workflows);
        instance.Answer = action => instance.Completed(action.Id, "1");
        await instance.RunAsync(take: 1);

        Assert.Equal("4", instance.Completion!.Result);
    }

    [Fact]
    public async Task A_thousand_calls_at_once_complete_in_the_turn()
    {
        using var workflows = Workflows.Of(async context => (await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => context.CallActivityAsync<int>("A", i)))).Sum());
        var instance = new SimulatedInstance(workflows);
        instance.Answer = action => instance.Completed(action.Id, action.ScheduleTask.Input);
        await instance.RunAsync();

        Assert.Equal("499500", instance.Completion!.Result);
    }

    private static async Task<int> Deep(WorkflowContext context, int depth) => depth == 0
        ? await context.CallActivityAsync<int>("A").ConfigureAwait(false)
        : await Deep(context, depth - 1).ConfigureAwait(depth % 2 == 0);

    private static string Line(string name, out int line, [CallerLineNumber] int here = 0)
    {
        line = here;
        return name;
    }

    private static async Task<string> FailAsync(Func<WorkflowContext, Task> code)
    {
        using var workflows = Workflows.Of(async context =>
        {
            await code(context);
            return 0;
        });
        var instance = new SimulatedInstance(workflows);
        await instance.TurnAsync();
        Assert.Equal(WorkflowStatus.Failed, instance.Completion!.WorkflowStatus);
        return instance.Completion.FailureDetails.ErrorMessage;
    }
}
