using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Eventide.Operations.Domain;

/// <summary>
/// Counts the orders that have not ended in time, for an alert: the gauge eventide.orders.stuck. Every replica counts all of them, so take the largest. While the
/// store does not answer there is no value, rather than an old one.
/// </summary>
internal sealed partial class StuckOrders(OrderList orders, IOptions<OperationsOptions> options, TimeProvider time, ILogger<StuckOrders> log) : BackgroundService
{
    // Orders are stuck after minutes; each count reads the list of open orders.
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);
    private readonly Meter _meter = new("Eventide.Operations");
    private long? _count;

    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _meter.CreateObservableGauge<long>(
            "eventide.orders.stuck", () => _count is { } count ? [new Measurement<long>(count)] : [], "{order}", "Orders that have not ended in time.");
        using var timer = new PeriodicTimer(Interval, time);
        do
        {
            try
            {
                _count = (await orders.StuckAsync(time.GetUtcNow() - options.Value.StuckAfter, stoppingToken)).Count;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                _count = null;
                NotCounted(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Stuck orders could not be counted; they are counted again in half a minute")]
    private partial void NotCounted(Exception failure);
}
