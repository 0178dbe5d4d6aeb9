extern alias sidecar;

using System.Collections.Concurrent;
using Dapr.Workflow;
using Eventide.Workflow.Tests.Support;
using sidecar::Eventide.Sidecar.BuildingBlocks.Workflow;
using Wire = sidecar::Eventide.Workflow.Protocol;

namespace Eventide.Workflow.Tests.Crashes;

/// <summary>Workflows that use everything a workflow can, the world that their activities act on, and a client that repeats what did not succeed.</summary>
internal sealed class Scenario : IDisposable
{
    public const string Id = "order-1";

    private static readonly TimeSpan Patience = TimeSpan.FromDays(1000);
    private readonly ConcurrentDictionary<string, int> _done = new();

    public Scenario() => Workflows = new Workflows(options =>
    {
        options.RegisterWorkflow<int, string>("Order", OrderAsync);
        options.RegisterWorkflow<string, string>("Parcel", ParcelAsync);
        options.RegisterWorkflow<object?, string>("Waits", (context, _) => context.WaitForExternalEventAsync<string>("never", Patience));
        options.RegisterWorkflow<object?, string>("Family", FamilyAsync);
        options.RegisterActivity<string, string>("Do", (_, what) => Task.FromResult($"{what} {Do(what) > 0}"));
        options.RegisterActivity<string, string>("Flaky", (_, what) => Do(what) == 1 ? throw new IOException("not yet") : Task.FromResult(what));
    });

    public Workflows Workflows { get; }

    /// <summary>How often each activity ran.</summary>
    public IReadOnlyDictionary<string, int> Done => _done;

    public void Dispose() => Workflows.Dispose();

    /// <summary>Two executions: activities, a timer, an event from outside, a child, an event from the child, a retry, and continuing as new.</summary>
    public static Task<bool> RunOrderAsync(WorkflowEngine engine, Progress progress) => progress.RunAsync(
        () => StartAsync(engine, "Order", "0"),
        () => RaiseAsync(engine, "pay", "1"),
        () => RaiseAsync(engine, "pay", "2"),
        () => EndAsync(engine, Id));

    /// <summary>A parent with two running children is terminated with them.</summary>
    public static Task<bool> RunFamilyAsync(WorkflowEngine engine, Progress progress) => progress.RunAsync(
        () => StartAsync(engine, "Family", ""),
        () => engine.WaitAsync(Id, instance => instance.StartedAt is not null, CancellationToken.None),
        () => engine.DeliverAsync(Id, TimeProvider.System.Terminated("\"enough\"", recurse: true), CancellationToken.None),
        () => EndAsync(engine, Id),
        () => EndAsync(engine, "one"),
        () => EndAsync(engine, "two"));

    private async Task<string> OrderAsync(WorkflowContext context, int round)
    {
        var reserved = await context.CallActivityAsync<string>("Do", $"reserve-{round}");
        await context.CreateTimer(TimeSpan.FromMinutes(2));
        var paid = await context.WaitForExternalEventAsync<int>("pay", Patience);
        var parcel = context.CallChildWorkflowAsync<string>("Parcel", context.InstanceId, new ChildWorkflowTaskOptions($"parcel-{round}"));
        var weight = await context.WaitForExternalEventAsync<string>("weight", Patience);
        var sent = await parcel;
        var thanked = await context.CallActivityAsync<string>(
            "Flaky", $"thank-{round}", new WorkflowTaskOptions(new WorkflowRetryPolicy(5, TimeSpan.FromMinutes(1))));
        context.SetCustomStatus($"round {round}");
        if (round == 0)
        {
            context.ContinueAsNew(1);
            return "";
        }

        return $"{reserved}, {paid > 0}, {weight}, {sent}, {thanked}";
    }

    private async Task<string> ParcelAsync(WorkflowContext context, string order)
    {
        var packed = await context.CallActivityAsync<string>("Do", $"pack-{context.InstanceId}");
        context.SendEvent(order, "weight", "5 kg");
        return packed;
    }

    private static async Task<string> FamilyAsync(WorkflowContext context, object? input)
    {
        await Task.WhenAll(
            context.CallChildWorkflowAsync<string>("Waits", null, new ChildWorkflowTaskOptions("one")),
            context.CallChildWorkflowAsync<string>("Waits", null, new ChildWorkflowTaskOptions("two")));
        return "";
    }

    private int Do(string what) => _done.AddOrUpdate(what, 1, (_, times) => times + 1);

    private static async Task StartAsync(WorkflowEngine engine, string name, string input)
    {
        // A start whose answer got lost has started it; the repeat finds that out.
        if (await engine.GetAsync(Id, CancellationToken.None) is null)
            await engine.StartAsync(Id, new Wire.ExecutionStartedEvent { Name = name, Input = input }, CancellationToken.None);
    }

    private static Task RaiseAsync(WorkflowEngine engine, string name, string payload) =>
        engine.DeliverAsync(Id, TimeProvider.System.Raised(name, payload), CancellationToken.None);

    private static Task EndAsync(WorkflowEngine engine, string id) => engine.WaitAsync(id, instance => instance.HasEnded, CancellationToken.None);
}

/// <summary>How far a client has come; it outlives the engine.</summary>
internal sealed class Progress
{
    private int _steps;

    /// <summary>Does the steps that are not done, each until it succeeds; false when the process died.</summary>
    public async Task<bool> RunAsync(params Func<Task>[] steps)
    {
        while (_steps < steps.Length)
        {
            try
            {
                await steps[_steps]();
                _steps++;
            }
            catch (IOException exception) when (exception.Message.Contains("dead", StringComparison.Ordinal))
            {
                return false;
            }
            catch (IOException)
            {
                // This one call failed.
            }
        }

        return true;
    }
}
