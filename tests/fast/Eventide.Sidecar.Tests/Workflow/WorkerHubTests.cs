using Eventide.Sidecar.BuildingBlocks.Workflow;
using Eventide.Workflow.Protocol;

namespace Eventide.Sidecar.Tests.Workflow;

/// <summary>Work items are shared, handed out again, and answered once.</summary>
public sealed class WorkerHubTests
{
    private readonly WorkerHub _hub = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_dispatched_before_any_worker_is_there_waits_for_the_first()
    {
        _hub.Dispatch(Turn("a", "1"));
        using var worker = _hub.Connect();

        Assert.Equal("1", (await worker.TakeAsync(Cancellation)).CompletionToken);
        Assert.True(_hub.Complete("a", "1"));
        Assert.False(_hub.Complete("a", "1"));
    }

    [Fact]
    public async Task A_lost_workers_items_go_to_another_and_those_it_completed_do_not()
    {
        var lost = _hub.Connect();
        _hub.Dispatch(Turn("done", "1"));
        _hub.Dispatch(Turn("open", "2"));
        await lost.TakeAsync(Cancellation);
        await lost.TakeAsync(Cancellation);
        Assert.True(_hub.Complete("done", "1"));
        lost.Dispose();
        using var other = _hub.Connect();

        Assert.Equal("open", (await other.TakeAsync(Cancellation)).WorkflowRequest.InstanceId);
        Assert.Equal(1, _hub.Count);
    }

    [Fact]
    public async Task The_answer_of_a_worker_that_lost_its_stream_counts_while_nobody_else_has_the_item()
    {
        var lost = _hub.Connect();
        _hub.Dispatch(Turn("a", "1"));
        await lost.TakeAsync(Cancellation);
        lost.Dispose();

        Assert.False(_hub.Complete("a", ""));
        Assert.True(_hub.Complete("a", "1"));
    }

    [Fact]
    public async Task A_newer_item_takes_the_place_of_an_older_one_and_the_same_one_is_not_handed_out_twice()
    {
        using var worker = _hub.Connect();
        _hub.Dispatch(Turn("a", "1"));
        _hub.Dispatch(Turn("a", "1"));
        _hub.Dispatch(Turn("a", "2"));
        _hub.Dispatch(Turn("b", "3"));

        Assert.Equal("2", (await worker.TakeAsync(Cancellation)).CompletionToken);
        Assert.Equal("3", (await worker.TakeAsync(Cancellation)).CompletionToken);
        Assert.False(_hub.Complete("a", "1"));
        Assert.True(_hub.Complete("a", "2"));
    }

    private static WorkItem Turn(string id, string token) => new() { WorkflowRequest = new WorkflowRequest { InstanceId = id }, CompletionToken = token };
}
