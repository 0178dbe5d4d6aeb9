using Dapr;
using Grpc.Core;
using Microsoft.Extensions.Options;

namespace Eventide.Operations.Domain;

/// <summary>Removes dead letters that were dealt with long ago. Each replica does so; what one has removed the others do not find.</summary>
internal sealed partial class DeadLetterSweep(
    DeadLetters letters, IOptions<OperationsOptions> options, TimeProvider time, ILogger<DeadLetterSweep> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.DeadLetterSweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var removed = await letters.RemoveAsync(time.GetUtcNow() - options.Value.DeadLetterRetention, stoppingToken);
                if (removed > 0)
                {
                    Removed(removed, options.Value.DeadLetterRetention);
                }
            }
            catch (Exception failure) when (failure is DaprException or RpcException && !stoppingToken.IsCancellationRequested)
            {
                Failed(failure, options.Value.DeadLetterSweepInterval);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Removed {Count} dead letters that were redriven or discarded more than {Retention} ago")]
    private partial void Removed(int count, TimeSpan retention);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old dead letters could not be removed, because the store failed; tried again in {Interval}")]
    private partial void Failed(Exception failure, TimeSpan interval);
}
