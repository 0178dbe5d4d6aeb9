using System.Collections.Concurrent;
using System.Diagnostics;
using Dapr;
using Eventide.Brokers.Tests.Support;
using Eventide.ChildProcesses;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.State;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.Stores;

/// <summary>The contract of a store with a server: beside all the others, what happens when the server stops, dies, is late or refuses.</summary>
public abstract class ServerStoreContract(ServerStoreUnderTest store) : StateStoreContract(store)
{
    private static readonly TimeSpan LongestFailure = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [StoreBehaviour(StoreBehaviour.Outage)]
    public async Task While_the_server_is_away_calls_fail_in_time_and_say_so_and_afterwards_they_work(bool kill)
    {
        store.Needs(StoreBehaviour.Outage);
        await SaveAsync("cart", new Cart("ann", 1));

        await (kill ? store.KillAsync() : store.StopAsync());
        await FailsAsync(() => SaveAsync("cart", new Cart("ann", 2)));
        await FailsAsync(() => ReadAsync("cart"));
        await FailsAsync(() => Task.WhenAll(Enumerable.Range(0, 50).Select(i => SaveAsync($"many-{i}", new Cart("ann", i)))));

        await store.StartAsync();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                await SaveAsync("cart", new Cart("ann", 3));
                return true;
            }
            catch (DaprException)
            {
                return false;
            }
        });
        Assert.Equal(new Cart("ann", 3), await ReadAsync("cart"));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Kill)]
    public async Task What_was_acknowledged_survives_a_server_that_is_killed()
    {
        store.Needs(StoreBehaviour.Kill);
        var acknowledged = new ConcurrentDictionary<string, int>();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
        {
            try
            {
                for (var i = 0; !enough.IsCancellationRequested; i++)
                {
                    await SaveAsync($"w{writer}-{i}", new Cart("ann", i));
                    acknowledged[$"w{writer}-{i}"] = i;
                }
            }
            catch (DaprException)
            {
                // The server is gone; whether this one was written, nobody knows.
            }
        }));
        await Wait.UntilAsync(() => acknowledged.Count >= 200);
        await store.KillAsync();
        await enough.CancelAsync();
        await writing;

        await store.StartAsync();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                return await ReadAsync("any") is null;
            }
            catch (DaprException)
            {
                return false;
            }
        });
        var items = await Dapr.GetBulkStateAsync<Cart>("store", [.. acknowledged.Keys], parallelism: 8, cancellationToken: Cancel);
        Assert.All(items, item => Assert.Equal(new Cart("ann", acknowledged[item.Key]), item.Value));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Ownership)]
    public async Task An_owner_hears_that_the_server_went_away_and_can_write_no_more_until_it_owns_again()
    {
        store.Needs(StoreBehaviour.Ownership);
        var component = await OpenComponentAsync();
        var part = $"the workflows of {AppId}";
        await using var owned = await ((IOwnedByProcess)component).OwnAsync(part, Cancel);
        await owned.Store.SetAsync(new StateSet($"{AppId}|a", "1"u8.ToArray()), Cancel);

        await store.KillAsync();
        await Wait.UntilAsync(() => owned.Lost.IsCancellationRequested);
        await store.StartAsync();

        await Assert.ThrowsAnyAsync<Exception>(async () => await owned.Store.SetAsync(new StateSet($"{AppId}|a", "2"u8.ToArray()), Cancel));
        await Wait.UntilAsync(async () =>
        {
            try
            {
                await using var again = await ((IOwnedByProcess)component).OwnAsync(part, Cancel);
                Assert.Equal("1"u8.ToArray(), (await again.Store.GetAsync($"{AppId}|a", Cancel))!.Value.ToArray());
                await again.Store.SetAsync(new StateSet($"{AppId}|a", "3"u8.ToArray()), Cancel);
                return true;
            }
            catch (IOException)
            {
                // The server is still recovering.
                return false;
            }
        });
        Assert.Equal("3"u8.ToArray(), (await component.GetAsync($"{AppId}|a", Cancel))!.Value.ToArray());
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Takeover)]
    public async Task The_workflows_of_a_process_belong_to_it_alone_and_go_on_in_another_one_when_it_is_killed()
    {
        store.Needs(StoreBehaviour.Takeover);
        store.WriteComponent(Sidecars, ("actorStateStore", "true"));
        var other = await Sidecars.StartReadyProcessAsync(Repository.Cli, $"{AppId}-w");

        var refused = await Assert.ThrowsAsync<SidecarStartException>(() => Sidecars.StartAsync($"{AppId}-w"));
        Assert.Contains($"Another running process has the workflows of {AppId}-w in ", refused.Message);

        var killed = Stopwatch.GetTimestamp();
        await other.KillAsync();
        await Wait.UntilAsync(async () =>
        {
            try
            {
                await Sidecars.StartAsync($"{AppId}-w");
                return true;
            }
            catch (SidecarStartException)
            {
                return false;
            }
        });
        Assert.True(Stopwatch.GetElapsedTime(killed) < TimeSpan.FromSeconds(30));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Start)]
    public async Task A_start_waits_for_a_server_that_is_not_there_yet()
    {
        store.Needs(StoreBehaviour.Start);
        await store.StopAsync();
        Sidecars.Resource("store.yaml", (await File.ReadAllTextAsync(Path.Combine(Sidecars.Folder, "resources", "store.yaml"), Cancel)).Replace("spec:", "spec:\n  initTimeout: 60s"));
        var starting = Sidecars.StartAsync($"{AppId}-late");

        await Task.WhenAny(starting, Task.Delay(TimeSpan.FromMilliseconds(700), Cancel));
        Assert.False(starting.IsCompleted);
        await store.StartAsync();

        using var late = Sidecars.Client(await starting.WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        await late.SaveStateAsync("store", "k", 1, cancellationToken: Cancel);
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Start)]
    public async Task Without_a_server_a_start_fails_after_the_components_time_with_a_sentence()
    {
        store.Needs(StoreBehaviour.Start);
        var port = new FreePorts().Take();
        Sidecars.Component("store", store.ComponentType, store.Version, [.. store.SettingsOfNobody(port)]);

        var begin = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => Sidecars.StartAsync($"{AppId}-alone"));

        Assert.True(Stopwatch.GetElapsedTime(begin) < LongestFailure);
        Assert.Contains("component \"store\"", failure.Message);
        Assert.Contains($"127.0.0.1:{port}", failure.Message);
        Assert.Contains("start it, or correct ", failure.Message);
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Start)]
    public async Task A_wrong_password_stops_the_start_at_once_with_a_sentence_that_does_not_repeat_it()
    {
        store.Needs(StoreBehaviour.Start);
        Assert.SkipWhen(store.WrongPassword is null, "The server under test asks for no password.");
        var (settings, sentence) = store.WrongPassword!.Value;
        Sidecars.Component("store", store.ComponentType, store.Version, [.. settings]);

        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => Sidecars.StartAsync($"{AppId}-stranger"));

        Assert.Contains(sentence, failure.Message);
        Assert.DoesNotContain("wrong-password", failure.ToString());
    }

    private static async Task FailsAsync(Func<Task> call)
    {
        var begin = Stopwatch.GetTimestamp();
        var failure = await Assert.ThrowsAnyAsync<DaprException>(() => call().WaitAsync(TimeSpan.FromSeconds(60), Cancel));
        var took = Stopwatch.GetElapsedTime(begin);
        Assert.True(took < LongestFailure, $"It failed after {took}: {failure}");
        Assert.Contains("127.0.0.1:", failure.ToString());
    }
}
