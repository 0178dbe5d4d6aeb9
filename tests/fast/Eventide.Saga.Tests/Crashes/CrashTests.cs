using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using Eventide.Contracts;
using Eventide.Saga.Tests.Checks;
using Eventide.Saga.Tests.Faults;
using Eventide.Saga.Tests.Hosting;

namespace Eventide.Saga.Tests.Crashes;

/// <summary>Services and sidecars that end and come back while orders are on their way.</summary>
public abstract class CrashTests(CrashShop crash)
{
    private protected Shop Shop => crash.Shop;

    [Fact]
    public async Task Every_order_ends_well_although_every_service_and_every_sidecar_is_restarted()
    {
        var random = new Random(Shop.Seed);
        var keys = Enumerable.Range(0, 24).Select(index => $"crash-{index}").ToList();
        OrderRequest[] requests = [OrderRequest.Good, OrderRequest.NotDeliverable, OrderRequest.Good, OrderRequest.Declined];
        var placing = Task.WhenAll(keys.Select((key, index) => PlaceStubbornlyAsync(key, requests[index % requests.Length], TimeSpan.FromMilliseconds(150 * index))));
        foreach (var app in Shop.Apps.OrderBy(_ => random.Next()))
        {
            await Shop[app].StopAppAsync();
            await Task.Delay(random.Next(150), TestContext.Current.CancellationToken);
            await Shop[app].StartAppAsync();
            await Shop[app].StopSidecarAsync();
            await Task.Delay(random.Next(150), TestContext.Current.CancellationToken);
            await Shop[app].StartSidecarAsync();
        }

        await placing;
        foreach (var (key, index) in keys.Select((key, index) => (key, index)))
        {
            var order = await new OrderCheck(Shop, key).EndedWellAsync();
            Assert.Equal(index % 2 == 0 ? "Confirmed" : "Cancelled", order.State);
        }
    }

    [Fact]
    public async Task A_cancellation_ends_the_wait_of_the_saga_at_once()
    {
        const string key = "wake";
        var id = Shop.IdOf(key);
        var asked = new TaskCompletionSource();
        Shop.Faults.Of(id).At(Points.Handle("payment", PaymentRequested.Type), (_, _) =>
        {
            asked.TrySetResult();
            return Task.CompletedTask;
        });
        await Shop.PlaceAsync(key, OrderRequest.Good);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        var cancelled = Stopwatch.GetTimestamp();
        Assert.Equal(HttpStatusCode.Accepted, await Shop.CancelAsync(id));
        Assert.Equal("Cancelled", (await new OrderCheck(Shop, key).EndedWellAsync()).State);
        Assert.True(Stopwatch.GetElapsedTime(cancelled) < CrashShop.RepeatAfter, "the saga was woken only when it would have repeated its request");
    }

    [Fact]
    public async Task Ordering_is_not_ready_without_its_sidecar_but_alive()
    {
        await Shop["ordering"].StopSidecarAsync();
        try
        {
            await Eventually.HoldsAsync(async () => await StatusAsync("/healthz") == HttpStatusCode.ServiceUnavailable, "ordering to be not ready");
            Assert.Equal(HttpStatusCode.OK, await StatusAsync("/livez"));
        }
        finally
        {
            await Shop["ordering"].StartSidecarAsync();
        }

        await Eventually.HoldsAsync(async () => await StatusAsync("/healthz") == HttpStatusCode.OK, "ordering to be ready again");
    }

    private async Task<HttpStatusCode> StatusAsync(string path)
    {
        using var answer = await Shop.SendAsync(HttpMethod.Get, path);
        return answer.StatusCode;
    }

    /// <summary>A customer who repeats the request until it is accepted, whatever happens to the connection.</summary>
    private async Task PlaceStubbornlyAsync(string key, OrderRequest request, TimeSpan after)
    {
        await Task.Delay(after);
        await Eventually.HoldsAsync(async () =>
        {
            try
            {
                using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", JsonContent.Create(request), key);
                return answer.StatusCode == HttpStatusCode.Accepted;
            }
            catch (Exception failure) when (failure is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }, $"order {key} to be accepted");
    }
}

/// <summary>Each service an app of its own, which can be away alone.</summary>
public sealed class ServicesCrashTests(CrashServices crash) : CrashTests(crash), IClassFixture<CrashServices>
{
    [Fact]
    public async Task While_the_catalog_is_away_a_customer_is_told_to_come_back()
    {
        await Shop["catalog"].StopAppAsync();
        try
        {
            using var answer = await Shop.SendAsync(HttpMethod.Post, "/orders", JsonContent.Create(OrderRequest.Good), "no-catalog");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.NotNull(answer.Headers.RetryAfter?.Delta);
            Assert.Contains("catalog", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        }
        finally
        {
            await Shop["catalog"].StartAppAsync();
        }

        await Shop.PlaceAsync("no-catalog", OrderRequest.Good);
        Assert.Equal("Confirmed", (await new OrderCheck(Shop, "no-catalog").EndedWellAsync()).State);
    }
}

/// <summary>All modules in one process.</summary>
public sealed class MonolithCrashTests(CrashMonolith crash) : CrashTests(crash), IClassFixture<CrashMonolith>;
