using Dapr.Client;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.PubSub;

/// <summary>Deliveries when the app or the sidecar goes away in the middle.</summary>
public sealed class StoppingTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars()
        .Component("pubsub", "pubsub.sqlite", ("connectionString", "data/broker.db"), ("redeliverInterval", "10ms"));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();

    [Fact]
    public async Task A_delivery_in_flight_at_the_stop_is_finished_and_acknowledged()
    {
        var release = new TaskCompletionSource();
        var inbox = new Inbox().Subscribe("orders");
        inbox.Answer = async _ =>
        {
            await release.Task;
            return "";
        };
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map));
        var sidecar = await _sidecars.StartReadyAsync("shop", app);
        await PublishAsync(sidecar, 1);
        await inbox.ReceivedAsync(1);

        var stopping = sidecar.DisposeAsync();
        Assert.False(stopping.IsCompleted);
        release.SetResult();
        await stopping;

        var again = await _sidecars.StartReadyAsync("shop", app);
        await PublishAsync(again, 2);
        Assert.Equal([1, 2], (await inbox.ReceivedAsync(2)).Select(delivery => delivery.Number));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_being_retried_at_the_stop_stays_with_the_broker_and_is_no_dead_letter(bool bulk)
    {
        _sidecars.Resource("resiliency.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: delivery
            spec:
              policies:
                retries:
                  patient: { policy: constant, duration: 1h, maxRetries: 3 }
              targets:
                components:
                  pubsub:
                    inbound: { retry: patient }
            """);
        var inbox = new Inbox().Subscribe("orders.dead").Subscribe(new
        {
            pubsubname = "pubsub",
            topic = "orders",
            route = "/orders",
            deadLetterTopic = "orders.dead",
            bulkSubscribe = new { enabled = bulk, maxMessagesCount = 5, maxAwaitDurationMs = 5 },
        });
        inbox.Status = _ => 500;
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map));
        var sidecar = await _sidecars.StartReadyAsync("shop", app);
        await PublishAsync(sidecar, 1);
        await inbox.ReceivedAsync(1);

        await sidecar.DisposeAsync();
        inbox.Status = _ => 200;
        inbox.Answer = delivery => Task.FromResult(delivery.Body.TryGetProperty("entries", out _) ? delivery.Statuses(_ => "SUCCESS") : "");
        var again = await _sidecars.StartReadyAsync("shop", app);

        Assert.All(await inbox.ReceivedAsync(2), delivery => Assert.Equal("/orders", delivery.Path));
        await PublishAsync(again, 2);
        Assert.All(await inbox.ReceivedAsync(3), delivery => Assert.Equal("/orders", delivery.Path));
    }

    [Fact]
    public async Task An_app_that_hangs_holds_the_stop_no_longer_than_the_grace_period()
    {
        var inbox = new Inbox().Subscribe("orders");
        inbox.Answer = async _ =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, Cancel);
            return "";
        };
        var sidecar = await _sidecars.StartReadyAsync(
            "shop", await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)), options => options with { GracefulShutdown = TimeSpan.FromMilliseconds(200) });
        await PublishAsync(sidecar, 1);
        await inbox.ReceivedAsync(1);

        await sidecar.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(5), Cancel);
    }

    [Fact]
    public async Task An_unhealthy_app_gets_nothing_and_after_its_recovery_everything()
    {
        var healthy = true;
        var inbox = new Inbox().Subscribe("orders", "orders.dead").Subscribe("orders.dead");
        inbox.Status = _ => healthy ? 200 : 500;
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(web =>
        {
            Microsoft.AspNetCore.Builder.EndpointRouteBuilderExtensions.MapGet(web, "/healthz", () => Microsoft.AspNetCore.Http.Results.StatusCode(healthy ? 200 : 503));
            inbox.Map(web);
        }));
        var sidecar = await _sidecars.StartReadyAsync("shop", app, options => options with
        {
            AppHealthCheck = true,
            AppHealthThreshold = 1,
            AppHealthProbeInterval = TimeSpan.FromMilliseconds(20),
        });
        healthy = false;
        await Wait.UntilAsync(() => !_sidecars.Host.Sidecars[0].IsAppHealthy);

        for (var i = 0; i < 20; i++)
        {
            await PublishAsync(sidecar, i);
        }

        Assert.Empty(inbox.Deliveries);
        healthy = true;
        Assert.Equal(Enumerable.Range(0, 20), (await inbox.ReceivedAsync(20)).Select(delivery => delivery.Number).Order());
        Assert.All(inbox.Deliveries, delivery => Assert.Equal("/orders", delivery.Path));
    }

    [Fact]
    public async Task No_more_calls_reach_the_app_at_once_than_it_allows()
    {
        var (now, most) = (0, 0);
        var inbox = new Inbox().Subscribe("orders");
        inbox.Answer = async _ =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            await Task.Yield();
            Interlocked.Decrement(ref now);
            return "";
        };
        var sidecar = await _sidecars.StartReadyAsync(
            "shop", await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map)), options => options with { AppMaxConcurrency = 1 });
        using var dapr = _sidecars.Client(sidecar);
        await dapr.BulkPublishEventAsync("pubsub", "orders", Enumerable.Range(0, 100).ToList(), cancellationToken: Cancel);

        await inbox.ReceivedAsync(100);

        Assert.Equal(1, most);
    }

    private async Task PublishAsync(ISidecarUnderTest sidecar, int number)
    {
        using var dapr = _sidecars.Client(sidecar);
        await dapr.PublishEventAsync("pubsub", "orders", number, Cancel);
    }
}
