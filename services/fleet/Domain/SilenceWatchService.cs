using Microsoft.Extensions.Options;

namespace Eventide.Fleet.Domain;

/// <summary>Looks for silent vehicles as long as the service runs.</summary>
internal sealed partial class SilenceWatchService(SilenceWatch watch, IOptions<FleetOptions> options, TimeProvider time, ILogger<SilenceWatchService> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SilenceCheck, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await watch.LookAsync(stoppingToken) is > 0 and var found)
                {
                    Silent(found);
                }
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Failed(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Found} vehicles have become silent")]
    private partial void Silent(int found);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The fleet could not be looked through for silent vehicles; it is tried again at the next round")]
    private partial void Failed(Exception failure);
}
