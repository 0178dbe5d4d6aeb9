using Dapr.Workflow.Client;
using Eventide.Workflow.Protocol;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow.Worker;

/// <summary>
/// Takes work items from the sidecar and answers them, for as long as the app runs; opens the stream again whenever it ends. A stopping worker takes nothing more,
/// finishes what it has while the stream is still open (closing it would have the sidecar hand the same items out again), then closes.
/// </summary>
internal sealed partial class WorkflowWorker : BackgroundService
{
    /// <summary>At most so many turns, and so many activities, at a time; as the official worker.</summary>
    private const int Parallel = 100;

    private static readonly TimeSpan Stable = TimeSpan.FromSeconds(10);
    private readonly SemaphoreSlim _turns = new(Parallel);
    private readonly SemaphoreSlim _calls = new(Parallel);
    private readonly WorkItemsInFlight _inFlight = new();
    private readonly ReconnectBackoff _backoff = new(Random.Shared);
    private readonly TaskHubSidecarService.TaskHubSidecarServiceClient _sidecar;
    private readonly WorkflowRunner _workflows;
    private readonly ActivityRunner _activities;
    private readonly TimeProvider _time;
    private readonly ILogger<WorkflowWorker> _logger;

    public WorkflowWorker(
        SidecarConnection connection,
        WorkflowRunner workflows,
        ActivityRunner activities,
        IServiceProvider services,
        ILogger<WorkflowWorker> logger)
    {
        _sidecar = connection.Worker;
        _workflows = workflows;
        _activities = activities;
        _time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        _logger = logger;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _inFlight.CloseAsync().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            LogUnfinished();
        }

        await base.StopAsync(cancellationToken);
    }

    public override void Dispose()
    {
        base.Dispose();
        _turns.Dispose();
        _calls.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var opened = _time.GetTimestamp();
            try
            {
                await ReadAsync(stoppingToken);
                LogClosed();
            }
            catch (Exception exception) when (exception is RpcException or IOException && !stoppingToken.IsCancellationRequested)
            {
                LogUnreachable((exception as RpcException)?.Status.Detail ?? exception.Message);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            if (_time.GetElapsedTime(opened) > Stable)
                _backoff.Reset();

            await Task.Delay(_backoff.Next(), _time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CancellationToken stopping)
    {
        using var stream = _sidecar.GetWorkItems(new GetWorkItemsRequest(), cancellationToken: stopping);
        LogOpened();
        while (await stream.ResponseStream.MoveNext(stopping))
        {
            _backoff.Reset();
            var item = stream.ResponseStream.Current;
            // An item that is not taken is not lost: the sidecar hands it out again when the stream closes.
            if (_inFlight.TryEnter())
                _ = Task.Run(() => ServeAsync(item, stopping), CancellationToken.None);
        }
    }

    private async Task ServeAsync(WorkItem item, CancellationToken stopping)
    {
        try
        {
            await (item.RequestCase switch
            {
                WorkItem.RequestOneofCase.WorkflowRequest => ServeTurnAsync(item.WorkflowRequest, item.CompletionToken, stopping),
                WorkItem.RequestOneofCase.ActivityRequest => ServeActivityAsync(item.ActivityRequest, item.CompletionToken, stopping),
                _ => Task.CompletedTask,
            });
        }
        catch (Exception) when (stopping.IsCancellationRequested)
        {
            // Cut off by the end of the app: the sidecar hands the item out again.
        }
        catch (RpcException exception)
        {
            LogNotAccepted(exception.Status.Detail, InstanceOf(item));
        }
        catch (Exception exception)
        {
            // A fault of this library, not of the app's code: the answer is missing, and the item comes again with the next stream.
            LogFault(exception, InstanceOf(item));
        }
        finally
        {
            _inFlight.Leave();
        }
    }

    private async Task ServeTurnAsync(WorkflowRequest request, string completionToken, CancellationToken stopping)
    {
        await _turns.WaitAsync(stopping);
        try
        {
            if (request.RequiresHistoryStreaming)
            {
                var history = new GetInstanceHistoryRequest { InstanceId = request.InstanceId };
                request.PastEvents.AddRange((await _sidecar.GetInstanceHistoryAsync(history, cancellationToken: stopping)).Events);
            }

            var response = await _workflows.RunAsync(request, completionToken);
            // The name before Dapr 1.18, which all versions serve.
            await _sidecar.CompleteOrchestratorTaskAsync(response, cancellationToken: stopping);
        }
        finally
        {
            _turns.Release();
        }
    }

    private async Task ServeActivityAsync(ActivityRequest request, string completionToken, CancellationToken stopping)
    {
        await _calls.WaitAsync(stopping);
        try
        {
            var response = await _activities.RunAsync(request, completionToken);
            await _sidecar.CompleteActivityTaskAsync(response, cancellationToken: stopping);
        }
        finally
        {
            _calls.Release();
        }
    }

    private static string? InstanceOf(WorkItem item) => item.WorkflowRequest?.InstanceId ?? item.ActivityRequest?.WorkflowInstance?.InstanceId;

    [LoggerMessage(LogLevel.Debug, "Asking the sidecar for workflow work items")]
    private partial void LogOpened();

    [LoggerMessage(LogLevel.Information, "The sidecar closed the stream of workflow work items; opening it again")]
    private partial void LogClosed();

    [LoggerMessage(LogLevel.Information, "No workflow work items from the sidecar ({Reason}); trying again")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(LogLevel.Information, "The sidecar did not take the answer of a work item of instance {InstanceId} ({Reason}); it hands out again what it still needs")]
    private partial void LogNotAccepted(string reason, string? instanceId);

    [LoggerMessage(LogLevel.Error, "A work item of instance {InstanceId} could not be served")]
    private partial void LogFault(Exception exception, string? instanceId);

    [LoggerMessage(LogLevel.Warning, "The app stops before its workflow work items are finished; the sidecar hands them out again")]
    private partial void LogUnfinished();
}
