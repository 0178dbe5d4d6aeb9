using System.Collections.Concurrent;
using Dapr.Workflow;
using Dapr.Workflow.Client;
using Eventide.Workflow.Tests.Support;
using Grpc.Core;

namespace Eventide.Workflow.Tests.EndToEnd;

/// <summary>An ended instance runs again from one of its calls.</summary>
public sealed class RerunTests
{
    private readonly ConcurrentQueue<string> _ran = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_comes_before_the_call_is_kept_and_the_rest_is_done_again_with_the_new_input()
    {
        await using var shop = await OpenAsync();
        var source = await shop.Client.ScheduleNewWorkflowAsync("Order", "source", "a");
        Assert.Equal("a1 b1|c1|d1 child(e1)", (await shop.CompletionAsync(source)).ReadOutputAs<string>());
        _ran.Clear();

        // b and c are called in one turn; from b on: b with its new input, and c.
        var rerun = await shop.Client.RerunWorkflowFromEventAsync(
            source, 1, new RerunWorkflowFromEventOptions { NewInstanceId = "again", OverwriteInput = true, Input = "B" }, Cancellation);
        Assert.Equal("again", rerun);
        Assert.Equal("a1 B1|c1|d1 child(e1)", (await shop.CompletionAsync("again")).ReadOutputAs<string>());
        Assert.Equal(["B", "c", "d", "e"], _ran.Order(StringComparer.Ordinal));
        Assert.Equal("a1 b1|c1|d1 child(e1)", (await shop.CompletionAsync(source)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_child_runs_again_under_an_id_of_its_own()
    {
        await using var shop = await OpenAsync();
        await shop.CompletionAsync(await shop.Client.ScheduleNewWorkflowAsync("Order", "source", "a"));
        _ran.Clear();
        await shop.Client.RerunWorkflowFromEventAsync("source", 4, new RerunWorkflowFromEventOptions { NewInstanceId = "again" }, Cancellation);

        Assert.Equal("a1 b1|c1|d1 child(e1)", (await shop.CompletionAsync("again")).ReadOutputAs<string>());
        Assert.Equal(["e"], _ran);
        Assert.Equal("child(e1)", (await shop.CompletionAsync("again:0004")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task What_cannot_be_rerun_is_refused_with_the_reason()
    {
        await using var shop = await OpenAsync();
        await shop.CompletionAsync(await shop.Client.ScheduleNewWorkflowAsync("Order", "source", "a"));
        await shop.Client.ScheduleNewWorkflowAsync("Waits", "running");
        async Task RefusedAsync(string source, uint eventId, StatusCode status, string reason)
        {
            var refusal = await Assert.ThrowsAsync<RpcException>(() => shop.Raw().RerunWorkflowFromEventAsync(
                new Protocol.RerunWorkflowFromEventRequest { SourceInstanceId = source, EventId = eventId }, cancellationToken: Cancellation).ResponseAsync);
            Assert.Equal((status, reason), (refusal.StatusCode, refusal.Status.Detail));
        }

        await RefusedAsync("running", 0, StatusCode.InvalidArgument, "'running' is not in a terminal state");
        await RefusedAsync("source", 77, StatusCode.NotFound, "does not have history event with ID '77'");
        await RefusedAsync("source", 5, StatusCode.NotFound, "target event '*protos.HistoryEvent_ExecutionCompleted' with ID '5' is not an event that can be rerun");
        await RefusedAsync("child", 0, StatusCode.InvalidArgument, "'child': cannot rerun from child-workflows");
    }

    private Task<Shop> OpenAsync() => Shop.OpenAsync(options =>
    {
        options.RegisterWorkflow<string, string>("Order", async (context, input) =>
        {
            var first = await context.CallActivityAsync<string>("Do", input);
            var parallel = await Task.WhenAll(context.CallActivityAsync<string>("Do", "b"), context.CallActivityAsync<string>("Do", "c"));
            var last = await context.CallActivityAsync<string>("Do", "d");
            return $"{first} {parallel[0]}|{parallel[1]}|{last} {await context.CallChildWorkflowAsync<string>("Child", "e", new ChildWorkflowTaskOptions("child"))}";
        });
        options.RegisterWorkflow<string, string>("Child", async (context, input) => $"child({await context.CallActivityAsync<string>("Do", input)})");
        options.RegisterWorkflow<object?, string>("Waits", (context, _) => context.WaitForExternalEventAsync<string>("go"));
        options.RegisterActivity<string, string>("Do", (_, what) =>
        {
            _ran.Enqueue(what);
            return Task.FromResult(what + "1");
        });
    });
}
