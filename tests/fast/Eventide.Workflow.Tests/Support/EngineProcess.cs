extern alias sidecar;

using Eventide.Workflow.Protocol;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using sidecar::Eventide.Sidecar.BuildingBlocks.Workflow;
using sidecar::Eventide.Sidecar.Components.State;
using Wire = sidecar::Eventide.Workflow.Protocol;

namespace Eventide.Workflow.Tests.Support;

/// <summary>
/// One life of an engine, with the library as its worker: the real two, without a network between them. Time passes by itself, a minute at a time.
/// </summary>
internal sealed class EngineProcess : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly WorkerHub _hub = new();
    private readonly FakeTimeProvider _time;
    private readonly List<Task> _running = [];

    private EngineProcess(IStateStore store, FakeTimeProvider time, EngineSettings settings)
    {
        _time = time;
        Engine = new WorkflowEngine(new WorkflowStore(store, new WorkflowKeys("app", "default")), _hub, settings, time, NullLogger.Instance);
    }

    /// <summary>No limit of size, and nothing is removed by itself.</summary>
    public static EngineSettings Unlimited { get; } = new("app", 0, new WorkflowRetention(null, null, null));

    public WorkflowEngine Engine { get; }

    public static Task<EngineProcess> StartAsync(IStateStore store, Workflows workflows, FakeTimeProvider time, EngineSettings? settings = null) =>
        StartAsync(store, time, settings ?? Unlimited, process => process.AddWorker(workflows));

    /// <summary>With a worker that answers every turn with the same action.</summary>
    public static Task<EngineProcess> StartAsync(IStateStore store, Wire.WorkflowAction action, FakeTimeProvider time) =>
        StartAsync(store, time, Unlimited, process => process.AddWorker(action));

    private static async Task<EngineProcess> StartAsync(IStateStore store, FakeTimeProvider time, EngineSettings settings, Action<EngineProcess> addWorker)
    {
        var process = new EngineProcess(store, time, settings);
        process._running.Add(process.PassTimeAsync());
        addWorker(process);
        try
        {
            await process.Engine.RecoverAsync(CancellationToken.None);
            return process;
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    /// <summary>Another worker, that may know other code.</summary>
    public void AddWorker(Workflows workflows) => _running.Add(WorkAsync(item => ServeAsync(workflows, item)));

    private void AddWorker(Wire.WorkflowAction action) => _running.Add(WorkAsync(item => Engine.CompleteTurnAsync(
        new Wire.WorkflowResponse { InstanceId = item.WorkflowRequest.InstanceId, CompletionToken = item.CompletionToken, Actions = { action } })));

    /// <summary>Waits until the instance is as it should be; fails after 20 seconds of real time.</summary>
    public async Task<InstanceDescription?> UntilAsync(string id, Func<InstanceDescription?, bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            var instance = await Engine.GetAsync(id, limit.Token);
            if (condition(instance))
                return instance;

            await Task.Delay(1, limit.Token);
        }
    }

    /// <summary>Lets virtual time pass.</summary>
    public async Task PassAsync(TimeSpan span)
    {
        for (var until = _time.GetUtcNow() + span; _time.GetUtcNow() < until;)
            await Task.Delay(1, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
        await Engine.DisposeAsync();
    }

    private async Task PassTimeAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await Task.Delay(1, CancellationToken.None);
            _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private async Task WorkAsync(Func<Wire.WorkItem, Task> serve)
    {
        using var connection = _hub.Connect();
        try
        {
            while (true)
                await serve(await connection.TakeAsync(_stopping.Token));
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // This life is over.
        }
    }

    private async Task ServeAsync(Workflows workflows, Wire.WorkItem sent)
    {
        // Over the wire and back: each side has its own types.
        var item = WorkItem.Parser.ParseFrom(MessageExtensions.ToByteArray(sent));
        try
        {
            if (item.RequestCase == WorkItem.RequestOneofCase.WorkflowRequest)
            {
                var response = await workflows.Turns.RunAsync(item.WorkflowRequest, item.CompletionToken);
                await Engine.CompleteTurnAsync(Wire.WorkflowResponse.Parser.ParseFrom(MessageExtensions.ToByteArray(response)));
            }
            else
            {
                var response = await workflows.Activities.RunAsync(item.ActivityRequest, item.CompletionToken);
                await Engine.CompleteActivityAsync(Wire.ActivityResponse.Parser.ParseFrom(MessageExtensions.ToByteArray(response)));
            }
        }
        catch (IOException)
        {
            // The worker of real life gets an error and drops the answer; the engine hands the item out again.
        }
    }
}
