using Dapr.Client;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Sidecar.Tests.State;

/// <summary>What every state component must do, seen through the official client over gRPC.</summary>
[Conformance]
public abstract class StateStoreContract : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UnixEpoch.AddYears(57));
    private Sidecars _sidecars = null!;
    private DaprClient _dapr = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        _sidecars = new Sidecars(Target.IsProcess ? null : _time);
        Configure(_sidecars);
        _dapr = _sidecars.Client(await _sidecars.StartAsync("shop"));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _dapr.Dispose();
        await _sidecars.DisposeAsync();
    }

    [Fact]
    public async Task A_saved_value_is_read_back_and_an_absent_one_is_null()
    {
        await _dapr.SaveStateAsync("store", "cart", new Cart("ann", 3), cancellationToken: Cancel);

        Assert.Equal(new Cart("ann", 3), await _dapr.GetStateAsync<Cart>("store", "cart", cancellationToken: Cancel));
        Assert.Null(await _dapr.GetStateAsync<Cart>("store", "none", cancellationToken: Cancel));
    }

    [Fact]
    public async Task A_stale_etag_is_refused_and_the_value_stays()
    {
        await _dapr.SaveStateAsync("store", "cart", new Cart("ann", 1), cancellationToken: Cancel);
        var (_, stale) = await _dapr.GetStateAndETagAsync<Cart>("store", "cart", cancellationToken: Cancel);
        await _dapr.SaveStateAsync("store", "cart", new Cart("ann", 2), cancellationToken: Cancel);

        Assert.False(await _dapr.TrySaveStateAsync("store", "cart", new Cart("ann", 9), stale, cancellationToken: Cancel));
        Assert.False(await _dapr.TryDeleteStateAsync("store", "cart", stale, cancellationToken: Cancel));
        var (value, current) = await _dapr.GetStateAndETagAsync<Cart>("store", "cart", cancellationToken: Cancel);
        Assert.Equal(new Cart("ann", 2), value);
        Assert.True(await _dapr.TrySaveStateAsync("store", "cart", new Cart("ann", 3), current, cancellationToken: Cancel));
        Assert.Equal(3, (await _dapr.GetStateAsync<Cart>("store", "cart", cancellationToken: Cancel)).Items);
    }

    [Fact]
    public async Task First_write_without_an_etag_does_not_replace_an_item()
    {
        var firstWrite = new StateOptions { Concurrency = ConcurrencyMode.FirstWrite };
        await _dapr.SaveStateAsync("store", "cart", new Cart("ann", 1), firstWrite, cancellationToken: Cancel);

        await Assert.ThrowsAsync<Dapr.DaprException>(
            () => _dapr.SaveStateAsync("store", "cart", new Cart("bob", 2), firstWrite, cancellationToken: Cancel));
        Assert.Equal("ann", (await _dapr.GetStateAsync<Cart>("store", "cart", cancellationToken: Cancel)).Owner);
    }

    [Fact]
    public async Task Of_many_writers_with_the_same_etag_exactly_one_wins()
    {
        await _dapr.SaveStateAsync("store", "cart", new Cart("ann", 0), cancellationToken: Cancel);
        var (_, etag) = await _dapr.GetStateAndETagAsync<Cart>("store", "cart", cancellationToken: Cancel);

        var wins = await Task.WhenAll(Enumerable.Range(1, 32).Select(i =>
            _dapr.TrySaveStateAsync("store", "cart", new Cart("ann", i), etag, cancellationToken: Cancel)));

        Assert.Single(wins, won => won);
        var winner = Array.IndexOf(wins, true) + 1;
        Assert.Equal(winner, (await _dapr.GetStateAsync<Cart>("store", "cart", cancellationToken: Cancel)).Items);
    }

    [Fact]
    public async Task A_transaction_applies_everything_or_nothing()
    {
        await _dapr.SaveStateAsync("store", "kept", new Cart("ann", 1), cancellationToken: Cancel);
        var bad = new[]
        {
            new StateTransactionRequest("new", "{}"u8.ToArray(), StateOperationType.Upsert),
            new StateTransactionRequest("kept", null, StateOperationType.Delete, etag: "no such etag"),
        };
        await Assert.ThrowsAsync<Dapr.DaprException>(() => _dapr.ExecuteStateTransactionAsync("store", bad, cancellationToken: Cancel));
        Assert.Null(await _dapr.GetStateAsync<object>("store", "new", cancellationToken: Cancel));
        Assert.NotNull(await _dapr.GetStateAsync<Cart>("store", "kept", cancellationToken: Cancel));

        var good = new[]
        {
            new StateTransactionRequest("new", "{}"u8.ToArray(), StateOperationType.Upsert),
            new StateTransactionRequest("kept", null, StateOperationType.Delete),
        };
        await _dapr.ExecuteStateTransactionAsync("store", good, cancellationToken: Cancel);
        Assert.NotNull(await _dapr.GetStateAsync<object>("store", "new", cancellationToken: Cancel));
        Assert.Null(await _dapr.GetStateAsync<Cart>("store", "kept", cancellationToken: Cancel));
    }

    [Fact]
    public async Task An_item_expires_when_its_time_to_live_is_over_and_not_before()
    {
        Target.NeedsOwnHost();
        var ttl = new Dictionary<string, string> { ["ttlInSeconds"] = "60" };
        await _dapr.SaveStateAsync("store", "cart", new Cart("ann", 1), metadata: ttl, cancellationToken: Cancel);

        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(await _dapr.GetStateAsync<Cart>("store", "cart", cancellationToken: Cancel));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await _dapr.GetStateAsync<Cart>("store", "cart", cancellationToken: Cancel));
    }

    [Fact]
    public async Task An_expired_item_counts_as_absent_for_first_write()
    {
        Target.NeedsOwnHost();
        var ttl = new Dictionary<string, string> { ["ttlInSeconds"] = "1" };
        var firstWrite = new StateOptions { Concurrency = ConcurrencyMode.FirstWrite };
        await _dapr.SaveStateAsync("store", "cart", new Cart("ann", 1), metadata: ttl, cancellationToken: Cancel);
        _time.Advance(TimeSpan.FromSeconds(2));

        await _dapr.SaveStateAsync("store", "cart", new Cart("bob", 2), firstWrite, cancellationToken: Cancel);

        Assert.Equal("bob", (await _dapr.GetStateAsync<Cart>("store", "cart", cancellationToken: Cancel)).Owner);
    }

    [Fact]
    public async Task A_bulk_read_answers_in_the_order_of_the_keys()
    {
        await _dapr.SaveStateAsync("store", "b", new Cart("bob", 2), cancellationToken: Cancel);
        await _dapr.SaveStateAsync("store", "a", new Cart("ann", 1), cancellationToken: Cancel);

        var items = await _dapr.GetBulkStateAsync("store", ["b", "none", "a"], parallelism: null, cancellationToken: Cancel);

        Assert.Equal(["b", "none", "a"], items.Select(item => item.Key));
        Assert.Equal("", items[1].Value);
        Assert.Contains("ann", items[2].Value);
    }

    [Fact]
    public async Task Binary_values_come_back_byte_for_byte()
    {
        byte[] value = [0, 1, 0xff, 0xfe, 0, 0x7f];
        await _dapr.SaveByteStateAsync("store", "blob", value, cancellationToken: Cancel);

        Assert.Equal(value, (await _dapr.GetByteStateAsync("store", "blob", cancellationToken: Cancel)).ToArray());
    }

    private protected abstract void Configure(Sidecars sidecars);

    private sealed record Cart(string Owner, int Items);
}

/// <summary>state.in-memory.</summary>
public sealed class InMemoryStateStoreTests : StateStoreContract
{
    private protected override void Configure(Sidecars sidecars) => sidecars.Component("store", "state.in-memory");
}

/// <summary>state.sqlite.</summary>
public sealed class SqliteStateStoreTests : StateStoreContract
{
    private protected override void Configure(Sidecars sidecars) => sidecars.Component("store", "state.sqlite", ("connectionString", "data/{appID}.db"));
}
