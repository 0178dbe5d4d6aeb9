extern alias sidecar;

using Dapr.Workflow;
using Eventide.Workflow.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using sidecar::Eventide.Sidecar;
using sidecar::Eventide.Sidecar.BuildingBlocks.Workflow;
using sidecar::Eventide.Sidecar.Components.State;
using Wire = sidecar::Eventide.Workflow.Protocol;

namespace Eventide.Workflow.Tests.Engine;

/// <summary>Ended instances are removed when their time is over, and not before.</summary>
public sealed class RetentionTests
{
    private static readonly EngineSettings OneHour =
        EngineProcess.Unlimited with { Retention = new WorkflowRetention(TimeSpan.FromHours(1), Failed: null, TimeSpan.FromHours(1)) };

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Without_a_policy_ended_instances_are_kept_for_a_day() =>
        Assert.Equal(TimeSpan.FromDays(1), new SidecarOptions { AppId = "app" }.WorkflowRetention);

    [Fact]
    public async Task An_instance_goes_when_the_time_of_its_kind_of_end_is_over_and_leaves_nothing_behind()
    {
        using var workflows = Code(patched: true);
        var data = new InMemoryStateStore(_time);
        await using (var process = await EngineProcess.StartAsync(data, workflows, _time, OneHour))
        {
            await StartAsync(process, "Ends", "good");
            await process.UntilAsync("good", instance => instance is { HasEnded: true });
        }

        // A policy of the time of the end holds, also after a restart.
        await using var next = await EngineProcess.StartAsync(data, workflows, _time, OneHour);
        Assert.NotNull(await next.Engine.GetAsync("good", Cancellation));
        await next.UntilAsync("good", instance => instance is null);
        Assert.Empty(await KeysAsync(data));

        await StartAsync(next, "Fails", "bad");
        await next.PassAsync(TimeSpan.FromHours(3));
        Assert.Equal(Wire.WorkflowStatus.Failed, (await next.Engine.GetAsync("bad", Cancellation))!.Status);
    }

    [Fact]
    public async Task An_instance_that_runs_again_under_its_id_is_not_taken_for_the_ended_one()
    {
        using var workflows = Code(patched: true);
        await using var process = await EngineProcess.StartAsync(new InMemoryStateStore(_time), workflows, _time, OneHour);
        await StartAsync(process, "Ends", "again");
        await process.UntilAsync("again", instance => instance is { HasEnded: true });
        await StartAsync(process, "Waits", "again");
        await process.PassAsync(TimeSpan.FromHours(3));

        Assert.Equal(Wire.WorkflowStatus.Running, (await process.Engine.GetAsync("again", Cancellation))!.Status);
        Assert.Equal(["again"], await process.Engine.ListAsync(Cancellation));
    }

    [Fact]
    public async Task A_child_is_kept_until_its_parent_has_taken_its_outcome()
    {
        using var patched = Code(patched: true);
        using var unpatched = Code(patched: false);
        var data = new InMemoryStateStore(_time);
        await using (var process = await EngineProcess.StartAsync(data, patched, _time, OneHour))
        {
            await StartAsync(process, "Parent", "parent");
            await process.UntilAsync("child", instance => instance is { StartedAt: not null });
        }

        await using var next = await EngineProcess.StartAsync(data, unpatched, _time, OneHour);
        await next.Engine.DeliverAsync("child", _time.Raised("go", "\"late\""), Cancellation);
        await next.UntilAsync("parent", instance => instance is { Status: Wire.WorkflowStatus.Stalled });
        await next.PassAsync(TimeSpan.FromHours(3));
        Assert.NotNull(await next.Engine.GetAsync("child", Cancellation));

        next.AddWorker(patched);
        Assert.Equal("\"late\"", (await next.UntilAsync("parent", instance => instance is { HasEnded: true }))!.Completed!.Result);
        await next.UntilAsync("child", instance => instance is null);
    }

    private static Workflows Code(bool patched) => new(options =>
    {
        options.RegisterWorkflow<object?, int>("Ends", (_, _) => Task.FromResult(1));
        options.RegisterWorkflow<object?, int>("Fails", (_, _) => throw new IOException("out of paper"));
        options.RegisterWorkflow<object?, string>("Waits", (context, _) => context.WaitForExternalEventAsync<string>("go"));
        options.RegisterWorkflow<object?, string>("Parent", (context, _) =>
        {
            if (patched)
                context.IsPatched("p");

            return context.CallChildWorkflowAsync<string>("Waits", null, new ChildWorkflowTaskOptions("child"));
        });
    });

    private static Task StartAsync(EngineProcess process, string name, string id) =>
        process.Engine.StartAsync(id, new Wire.ExecutionStartedEvent { Name = name }, Cancellation);

    private static async Task<IReadOnlyList<string>> KeysAsync(InMemoryStateStore data)
    {
        var keys = new List<string>();
        await foreach (var item in data.ScanAsync("app||", Cancellation))
            keys.Add(item.Key);

        return keys;
    }
}
