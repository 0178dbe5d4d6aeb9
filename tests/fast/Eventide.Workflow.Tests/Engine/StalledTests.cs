extern alias sidecar;

using Dapr.Workflow;
using Eventide.Workflow.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using sidecar::Eventide.Sidecar.BuildingBlocks.Workflow;
using sidecar::Eventide.Sidecar.Components.State;
using Wire = sidecar::Eventide.Workflow.Protocol;

namespace Eventide.Workflow.Tests.Engine;

/// <summary>An instance that no worker can go on with is held, says why, and goes on when a worker comes that can.</summary>
public sealed class StalledTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_worker_whose_code_lacks_a_patch_of_the_history_holds_the_instance()
    {
        using var patched = Code(context => context.IsPatched("first") && context.IsPatched("second"));
        using var older = Code(context => context.IsPatched("first"));
        var data = new InMemoryStateStore(_time);
        await using (var process = await EngineProcess.StartAsync(data, patched, _time))
        {
            await StartAsync(process);
            await process.UntilAsync("one", instance => instance is { StartedAt: not null });
        }

        await using var next = await EngineProcess.StartAsync(data, older, _time);
        await next.Engine.DeliverAsync("one", _time.Raised("go", "\"on\""), Cancellation);
        await next.UntilAsync("one", instance => instance is { Status: Wire.WorkflowStatus.Stalled });
        // Held, it is tried again and again; the history says so once.
        await next.PassAsync(TimeSpan.FromHours(1));
        var history = await next.Engine.HistoryAsync("one", Cancellation);
        var stalled = Assert.Single(history!, e => e.ExecutionStalled is not null).ExecutionStalled;
        Assert.Equal(Wire.StalledReason.PatchMismatch, stalled.Reason);
        Assert.Equal("Patch mismatch. History patches: [first, second], current patches: [first]. ", stalled.Description);

        next.AddWorker(patched);
        var ended = await next.UntilAsync("one", instance => instance is { HasEnded: true });
        Assert.Equal((Wire.WorkflowStatus.Completed, "\"on\""), (ended!.Status, ended.Completed!.Result));
    }

    [Fact]
    public async Task A_patch_is_stored_once_however_often_it_is_reported()
    {
        using var workflows = Code(context => context.IsPatched("first"));
        await using var process = await EngineProcess.StartAsync(new InMemoryStateStore(_time), workflows, _time);
        await StartAsync(process);
        await process.Engine.DeliverAsync("one", _time.Raised("other", null), Cancellation);
        await process.Engine.DeliverAsync("one", _time.Raised("go", "\"on\""), Cancellation);
        await process.UntilAsync("one", instance => instance is { HasEnded: true });

        var history = await process.Engine.HistoryAsync("one", Cancellation);
        Assert.Equal(["first"], history!.SelectMany(e => e.WorkflowStarted?.Version?.Patches ?? []));
    }

    [Fact]
    public async Task A_worker_that_does_not_have_the_version_holds_the_instance_even_at_its_start()
    {
        using var workflows = Code(_ => true);
        await using var process = await EngineProcess.StartAsync(
            new InMemoryStateStore(_time), new Wire.WorkflowAction { WorkflowVersionNotAvailable = new Wire.WorkflowVersionNotAvailableAction() }, _time);
        await StartAsync(process);
        await process.UntilAsync("one", instance => instance is { Status: Wire.WorkflowStatus.Stalled });
        Assert.Equal("Version not available: Waits", (await process.Engine.HistoryAsync("one", Cancellation))!.Single().ExecutionStalled.Description);

        await process.Engine.DeliverAsync("one", _time.Raised("go", "\"on\""), Cancellation);
        process.AddWorker(workflows);
        await process.UntilAsync("one", instance => instance is { HasEnded: true });
    }

    [Fact]
    public async Task An_instance_that_is_too_large_to_send_is_held_until_the_limit_is_raised()
    {
        using var workflows = Code(_ => true);
        var data = new InMemoryStateStore(_time);
        await using (var process = await EngineProcess.StartAsync(data, workflows, _time, EngineProcess.Unlimited with { MaxBodySize = 2000 }))
        {
            await StartAsync(process);
            await process.UntilAsync("one", instance => instance is { StartedAt: not null });
            await process.Engine.DeliverAsync("one", _time.Raised("go", $"\"{new string('x', 3000)}\""), Cancellation);
            await process.UntilAsync("one", instance => instance is { Status: Wire.WorkflowStatus.Stalled });
            var stalled = (await process.Engine.HistoryAsync("one", Cancellation))![^1].ExecutionStalled;
            Assert.Equal(Wire.StalledReason.PayloadSizeExceeded, stalled.Reason);
            Assert.Matches(
                @"^Workflow payload size \d+ bytes exceeds 95% of max gRPC body size 2000 bytes; increase daprd --max-body-size and restart to resume$", stalled.Description);
        }

        await using var larger = await EngineProcess.StartAsync(data, workflows, _time);
        await larger.UntilAsync("one", instance => instance is { Status: Wire.WorkflowStatus.Completed });
    }

    [Fact]
    public async Task A_stalled_instance_can_be_terminated()
    {
        using var patched = Code(context => context.IsPatched("first"));
        using var older = Code(_ => true);
        var data = new InMemoryStateStore(_time);
        await using (var process = await EngineProcess.StartAsync(data, patched, _time))
        {
            await StartAsync(process);
            await process.UntilAsync("one", instance => instance is { StartedAt: not null });
        }

        await using var next = await EngineProcess.StartAsync(data, older, _time);
        await next.Engine.DeliverAsync("one", _time.Raised("go", "\"on\""), Cancellation);
        await next.UntilAsync("one", instance => instance is { Status: Wire.WorkflowStatus.Stalled });
        await next.Engine.DeliverAsync("one", _time.Terminated("\"enough\"", recurse: false), Cancellation);
        Assert.Equal("\"enough\"", (await next.UntilAsync("one", instance => instance is { Status: Wire.WorkflowStatus.Terminated }))!.Completed!.Result);
    }

    private static Workflows Code(Func<WorkflowContext, bool> patches) => new(options => options.RegisterWorkflow<object?, string>("Waits", (context, _) =>
    {
        patches(context);
        return context.WaitForExternalEventAsync<string>("go");
    }));

    private static Task StartAsync(EngineProcess process) => process.Engine.StartAsync("one", new Wire.ExecutionStartedEvent { Name = "Waits" }, Cancellation);
}
