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
    private readonly Workflows _workflows;
    private readonly FakeTimeProvider _time;
    private readonly List<Task> _running = [];

    private EngineProcess(IStateStore store, Workflows workflows, FakeTimeProvider time, WorkflowRetention retention)
    {
        (_workflows, _time) = (workflows, time);
        Engine = new WorkflowEngine(
            new WorkflowStore(store, new WorkflowKeys("app", "default")), _hub, new EngineSettings("app", 4 * 1024 * 1024, retention), time, NullLogger.Instance);
    }

    public WorkflowEngine Engine { get; }

    public static async Task<EngineProcess> StartAsync(IStateStore store, Workflows workflows, FakeTimeProvider time, WorkflowRetention? retention = null)
    {
        var process = new EngineProcess(store, workflows, time, retention ?? new WorkflowRetention(null, null, null));
        process._running.Add(process.PassTimeAsync());
        process._running.Add(process.WorkAsync());
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
            lock (_time)
                _time.Advance(TimeSpan.FromMinutes(1));
        }
    }

    private async Task WorkAsync()
    {
        using var connection = _hub.Connect();
        try
        {
            while (true)
                await ServeAsync(await connection.TakeAsync(_stopping.Token));
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // This life is over.
        }
    }

    private async Task ServeAsync(Wire.WorkItem sent)
    {
        // Over the wire and back: each side has its own types.
        var item = WorkItem.Parser.ParseFrom(MessageExtensions.ToByteArray(sent));
        try
        {
            if (item.RequestCase == WorkItem.RequestOneofCase.WorkflowRequest)
            {
                var response = await _workflows.Turns.RunAsync(item.WorkflowRequest, item.CompletionToken);
                await Engine.CompleteTurnAsync(Wire.WorkflowResponse.Parser.ParseFrom(MessageExtensions.ToByteArray(response)));
            }
            else
            {
                var response = await _workflows.Activities.RunAsync(item.ActivityRequest, item.CompletionToken);
                await Engine.CompleteActivityAsync(Wire.ActivityResponse.Parser.ParseFrom(MessageExtensions.ToByteArray(response)));
            }
        }
        catch (IOException)
        {
            // The worker of real life gets an error and drops the answer; the engine hands the item out again.
        }
    }
}
