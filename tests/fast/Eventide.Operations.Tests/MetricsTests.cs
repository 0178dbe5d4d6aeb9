using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Eventide.Operations.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Operations.Tests;

/// <summary>What the alerts go by.</summary>
public sealed class MetricsTests : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<long> _stuck = new();
    private readonly ConcurrentQueue<double> _ages = new();

    public MetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name is "eventide.orders.stuck" or "eventide.delivery.age")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, value, _, _) => _stuck.Enqueue(value));
        _listener.SetMeasurementEventCallback<double>((_, value, _, _) => _ages.Enqueue(value));
        _listener.Start();
    }

    [Fact]
    public async Task An_order_that_is_stuck_is_counted()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var shop = new Shop();
        var operations = await StartAsync(shop, clock);
        var publisher = await shop.PublisherAsync();
        await publisher.PublishAsync(Orders.Created("o-1"));
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), timeline => timeline["lastVersion"]?.GetValue<int>() == 1);

        clock.Advance(TimeSpan.FromMinutes(15));

        await UntilCountedAsync(1, clock);
    }

    [Fact]
    public async Task A_message_that_waited_is_as_old_as_it_waited()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow.AddMinutes(5));
        await using var shop = new Shop();
        var operations = await StartAsync(shop, clock);
        var publisher = await shop.PublisherAsync();

        await publisher.PublishAsync(Orders.Created("o-1"));
        await Wait.UntilAsync(() => operations.GetJsonAsync("/orders/o-1/timeline"), timeline => timeline["lastVersion"]?.GetValue<int>() == 1);

        Assert.Contains(_ages, age => age is > 250 and < 310);
    }

    public void Dispose() => _listener.Dispose();

    private static Task<HttpClient> StartAsync(Shop shop, TimeProvider clock) => shop.StartAsync(
        "operations", builder => builder.Services.AddSingleton(clock).AddOperations(builder.Configuration), app => app.MapOperations());

    private async Task UntilCountedAsync(long count, FakeTimeProvider clock)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!_stuck.Contains(count))
        {
            clock.Advance(TimeSpan.FromSeconds(30));
            _listener.RecordObservableInstruments();
            await Task.Delay(20, patience.Token);
        }
    }
}
