using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Sidecar.Hosting;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.AppChannel;

/// <summary>
/// Watches the app: waits for its port, then probes it, and starts and stops delivery with its health (Dapr: pkg/runtime/processor, pkg/apphealth).
/// </summary>
internal sealed partial class AppHealth(
    AppChannel app, IEnumerable<IBuildingBlock> blocks, SidecarOptions options, TimeProvider time, ILogger<AppHealth> log)
{
    private static readonly Method<Empty, HealthCheckResponse> HealthCheck = new(
        MethodType.Unary, "dapr.proto.runtime.v1.AppCallbackHealthCheck", "HealthCheck",
        Marshallers.Create(_ => Array.Empty<byte>(), _ => new Empty()),
        Marshallers.Create(_ => Array.Empty<byte>(), HealthCheckResponse.Parser.ParseFrom));

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether calls and messages may go to the app now.</summary>
    public bool IsHealthy { get; private set; }

    /// <summary>Completes when the app was healthy for the first time and everything that waits for it has started.</summary>
    public Task Ready => _ready.Task;

    /// <summary>Runs until cancelled; on the way out delivery is stopped and drained.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WaitForPortAsync(cancellationToken);
            if (!options.AppHealthCheck || !app.Exists)
            {
                await TurnAsync(healthy: true, cancellationToken);
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            await ProbeForEverAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Stopping.
        }
        catch (Exception failure)
        {
            Failed(failure);
            _ready.TrySetException(failure);
        }
        finally
        {
            await StopDeliveryAsync();
        }
    }

    private async Task StopDeliveryAsync()
    {
        if (IsHealthy)
        {
            await TurnAsync(healthy: false, CancellationToken.None);
        }
    }

    private async Task WaitForPortAsync(CancellationToken cancellationToken)
    {
        while (app.Exists && !await app.IsListeningAsync(cancellationToken))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), time, cancellationToken);
        }
    }

    private async Task ProbeForEverAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (true)
        {
            if (await ProbeAsync(cancellationToken))
            {
                failures = 0;
                await TurnAsync(healthy: true, cancellationToken);
            }
            else if (++failures >= Math.Max(1, options.AppHealthThreshold))
            {
                await TurnAsync(healthy: false, cancellationToken);
            }

            await Task.Delay(IsHealthy ? options.AppHealthProbeInterval : TimeSpan.FromMilliseconds(200), time, cancellationToken);
        }
    }

    private async Task<bool> ProbeAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.AppHealthProbeTimeout);
        try
        {
            if (app.IsGrpc)
            {
                await app.Grpc.AsyncUnaryCall(HealthCheck, null, new CallOptions(cancellationToken: limit.Token), new Empty());
                return true;
            }

            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(options.AppHealthCheckPath, UriKind.Relative));
            using var response = await app.SendAsync(request, limit.Token);
            return response.IsSuccessStatusCode;
        }
        catch (Exception failure) when (failure is HttpRequestException or RpcException or OperationCanceledException or IOException
                                        && !cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    // An app that answers nonsense while it starts must not stay without delivery for ever; a wrong resource file would fail the same way each time.
    private async Task<bool> TryStartDeliveryAsync(CancellationToken cancellationToken)
    {
        try
        {
            foreach (var block in blocks)
            {
                await block.AppReadyAsync(cancellationToken);
            }

            return true;
        }
        catch (Exception failure) when (failure is not SidecarStartException && !cancellationToken.IsCancellationRequested)
        {
            Retrying(failure);
            foreach (var block in blocks)
            {
                await block.AppUnreadyAsync(cancellationToken);
            }

            return false;
        }
    }

    private async Task TurnAsync(bool healthy, CancellationToken cancellationToken)
    {
        if (IsHealthy == healthy)
        {
            return;
        }

        if (healthy)
        {
            while (!await TryStartDeliveryAsync(cancellationToken))
            {
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }

            IsHealthy = true;
            Healthy(options.AppId);
            _ready.TrySetResult();
            return;
        }

        IsHealthy = false;
        Unhealthy(options.AppId);
        foreach (var block in blocks)
        {
            await block.AppUnreadyAsync(cancellationToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "App {AppId} is healthy: delivery runs")]
    private partial void Healthy(string appId);

    [LoggerMessage(Level = LogLevel.Warning, Message = "App {AppId} is unhealthy or stopping: delivery is paused, messages wait at the broker")]
    private partial void Unhealthy(string appId);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery to the app could not start; trying again in a second")]
    private partial void Retrying(Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Delivery to the app could not start")]
    private partial void Failed(Exception failure);
}
