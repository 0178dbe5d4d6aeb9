extern alias sidecar;

using Eventide.Workflow.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using sidecar::Eventide.Sidecar.BuildingBlocks.Workflow;
using sidecar::Eventide.Sidecar.Components.State;
using Event = sidecar::Eventide.Workflow.Protocol.HistoryEvent.EventTypeOneofCase;
using HistoryEvent = sidecar::Eventide.Workflow.Protocol.HistoryEvent;
using Status = sidecar::Eventide.Workflow.Protocol.WorkflowStatus;

namespace Eventide.Workflow.Tests.Crashes;

/// <summary>
/// The engine dies, or its store fails once, at every single write of a scenario, before the write is done and after. Whatever the point, the instances end as they
/// should, nothing runs less than once, and nothing is left behind.
/// </summary>
public sealed class CrashTests
{
    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task An_order_ends_as_it_should_wherever_the_store_fails(bool isCrash, bool isApplied) =>
        await AtEveryWriteAsync(isCrash, isApplied, Scenario.RunOrderAsync, async (engine, scenario) =>
        {
            var order = await engine.GetAsync(Scenario.Id, CancellationToken.None);
            Assert.Equal((Status.Completed, "\"reserve-1 True, True, 5 kg, pack-parcel-1 True, thank-1\""), (order!.Status, order.Completed!.Result));
            Assert.Equal("\"round 1\"", order.CustomStatus);
            Assert.Superset(new HashSet<string> { "reserve-0", "reserve-1", "pack-parcel-0", "pack-parcel-1", "thank-0", "thank-1" }, scenario.Done.Keys.ToHashSet());
            var history = await engine.HistoryAsync(Scenario.Id, CancellationToken.None);
            Legal(history!);
            // What the child sent came once; what the client sent came at least once.
            Assert.Single(history!, e => e.EventRaised?.Name == "weight");
            Assert.Contains(history!, e => e.EventRaised?.Name == "pay");
            Legal((await engine.HistoryAsync("parcel-1", CancellationToken.None))!);
        });

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task A_termination_reaches_every_child_wherever_the_store_fails(bool isCrash, bool isApplied) =>
        await AtEveryWriteAsync(isCrash, isApplied, Scenario.RunFamilyAsync, async (engine, _) =>
        {
            foreach (var id in new[] { Scenario.Id, "one", "two" })
            {
                Assert.Equal(Status.Terminated, (await engine.GetAsync(id, CancellationToken.None))!.Status);
                Legal((await engine.HistoryAsync(id, CancellationToken.None))!);
            }
        });

    private static async Task AtEveryWriteAsync(
        bool isCrash, bool isApplied, Func<WorkflowEngine, Progress, Task<bool>> run, Func<WorkflowEngine, Scenario, Task> check)
    {
        for (var write = 1; ; write++)
        {
            if (!await RunAsync(new Fault(write, isApplied, isCrash), run, check))
            {
                // The scenario has fewer writes than this: it was tried at all of them.
                Assert.True(write > 10, "the scenario hardly wrote anything");
                return;
            }
        }
    }

    /// <summary>False when the fault did not happen.</summary>
    private static async Task<bool> RunAsync(Fault fault, Func<WorkflowEngine, Progress, Task<bool>> run, Func<WorkflowEngine, Scenario, Task> check)
    {
        try
        {
            using var scenario = new Scenario();
            var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
            var data = new InMemoryStateStore(time);
            var faulty = new FaultyStore(data, fault);
            var progress = new Progress();
            await using (var first = await EngineProcess.StartAsync(faulty, scenario.Workflows, time))
            {
                var finished = run(first.Engine, progress);
                await Task.WhenAny(finished, faulty.Crashed).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            }

            await using (var second = await EngineProcess.StartAsync(data, scenario.Workflows, time))
            {
                Assert.True(await run(second.Engine, progress).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
                await check(second.Engine, scenario);
                await CleanAsync(data);
            }

            return faulty.Writes >= fault.Write;
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException($"With {fault}: {exception.Message}", exception);
        }
    }

    /// <summary>Nothing waits: no event on its way, no index entry of an ended instance, no inbox row.</summary>
    private static async Task CleanAsync(InMemoryStateStore data)
    {
        while (true)
        {
            var left = new List<string>();
            await foreach (var item in data.ScanAsync("app||", TestContext.Current.CancellationToken))
            {
                if (item.Key.Contains("outgoing", StringComparison.Ordinal) || item.Key.Contains("unfinished", StringComparison.Ordinal)
                    || item.Key.Contains("inbox", StringComparison.Ordinal))
                    left.Add(item.Key);
            }

            // A last event may still be on its way to an instance that has ended, where it is dropped.
            if (left.TrueForAll(key => key.Contains("inbox", StringComparison.Ordinal)))
            {
                Assert.Empty(left);
                return;
            }

            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    private static void Legal(IReadOnlyList<HistoryEvent> history)
    {
        Assert.Equal(Event.WorkflowStarted, history[0].EventTypeCase);
        Assert.Single(history, e => e.EventTypeCase == Event.ExecutionStarted);
        Assert.Single(history, e => e.EventTypeCase == Event.ExecutionCompleted);
        Assert.Equal(Event.ExecutionCompleted, history[^1].EventTypeCase);
        var open = new HashSet<(Event, int)>();
        var calls = new HashSet<int>();
        foreach (var e in history)
        {
            switch (e.EventTypeCase)
            {
                case Event.TaskScheduled or Event.TimerCreated or Event.ChildWorkflowInstanceCreated:
                    Assert.True(calls.Add(e.EventId), $"call {e.EventId} is there twice");
                    open.Add((e.EventTypeCase, e.EventId));
                    break;
                case Event.TaskCompleted:
                    Assert.True(open.Remove((Event.TaskScheduled, e.TaskCompleted.TaskScheduledId)), $"outcome without a call: {e}");
                    break;
                case Event.TaskFailed:
                    Assert.True(open.Remove((Event.TaskScheduled, e.TaskFailed.TaskScheduledId)), $"outcome without a call: {e}");
                    break;
                case Event.TimerFired:
                    Assert.True(open.Remove((Event.TimerCreated, e.TimerFired.TimerId)), $"outcome without a call: {e}");
                    break;
                case Event.ChildWorkflowInstanceCompleted:
                    Assert.True(open.Remove((Event.ChildWorkflowInstanceCreated, e.ChildWorkflowInstanceCompleted.TaskScheduledId)), $"outcome without a call: {e}");
                    break;
            }
        }
    }
}
