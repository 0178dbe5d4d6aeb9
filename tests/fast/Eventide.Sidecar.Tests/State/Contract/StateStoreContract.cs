using Dapr;
using Dapr.Client;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Sidecar.Tests.State;

/// <summary>
/// What an app may rely on with every store, seen through the official client over gRPC. A store's class inherits it with a <see cref="StoreUnderTest"/> as fixture,
/// which states where that store differs. Every test has an app id and so keys of its own.
/// </summary>
[Conformance]
public abstract partial class StateStoreContract(StoreUnderTest store) : IAsyncLifetime
{
    private static readonly StateOptions FirstWrite = new() { Concurrency = ConcurrencyMode.FirstWrite };

    private readonly string _appId = $"shop-{Guid.NewGuid():N}"[..13];
    private readonly List<IStateStore> _components = [];
    private FakeTimeProvider? _time;
    private DaprClient _dapr = null!;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected StoreUnderTest Store => store;

    private protected string AppId => _appId;

    /// <summary>The sidecars of the test; the component file is written.</summary>
    private protected Sidecars Sidecars { get; private set; } = null!;

    /// <summary>The client of the sidecar that every test has.</summary>
    private protected DaprClient Dapr => _dapr;

    /// <inheritdoc/>
    public virtual async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(store.Missing is not null, store.Missing ?? "");
        await store.StartAsync();
        _time = store.IsEmbedded && !Target.IsProcess ? new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(57)) : null;
        Sidecars = new Sidecars(_time);
        store.WriteComponent(Sidecars);
        _dapr = Sidecars.Client(await Sidecars.StartAsync(_appId));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current is { TestState: { } state, Test: { } test } && test.Traits.TryGetValue(StoreBehaviourAttribute.Trait, out var behaviours))
        {
            foreach (var behaviour in behaviours)
            {
                store.Note(Enum.Parse<StoreBehaviour>(behaviour), state.Result);
            }
        }

        _dapr?.Dispose();
        foreach (var component in _components)
        {
            await component.DisposeAsync();
        }

        if (Sidecars is not null)
        {
            await Sidecars.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Values)]
    public async Task A_saved_value_is_read_back_and_an_absent_one_is_null()
    {
        await SaveAsync("cart", new Cart("ann", 3));

        Assert.Equal(new Cart("ann", 3), await ReadAsync("cart"));
        Assert.Null(await ReadAsync("none"));
        await _dapr.DeleteStateAsync("store", "cart", cancellationToken: Cancel);
        await _dapr.DeleteStateAsync("store", "cart", cancellationToken: Cancel);
        Assert.Null(await ReadAsync("cart"));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Values)]
    public async Task Binary_values_come_back_byte_for_byte()
    {
        byte[][] values = [[0, 1, 0xff, 0xfe, 0, 0x7f], [], [0x7b], [.. Enumerable.Range(0, 256).Select(i => (byte)i)]];
        foreach (var value in values)
        {
            await _dapr.SaveByteStateAsync("store", "blob", value, cancellationToken: Cancel);
            Assert.Equal(value, (await _dapr.GetByteStateAsync("store", "blob", cancellationToken: Cancel)).ToArray());
        }
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.ETags)]
    public async Task A_stale_etag_is_refused_and_the_value_stays()
    {
        await SaveAsync("cart", new Cart("ann", 1));
        var (_, stale) = await _dapr.GetStateAndETagAsync<Cart>("store", "cart", cancellationToken: Cancel);
        await SaveAsync("cart", new Cart("ann", 2));

        Assert.False(await _dapr.TrySaveStateAsync("store", "cart", new Cart("ann", 9), stale, cancellationToken: Cancel));
        Assert.False(await _dapr.TryDeleteStateAsync("store", "cart", stale, cancellationToken: Cancel));
        var (value, current) = await _dapr.GetStateAndETagAsync<Cart>("store", "cart", cancellationToken: Cancel);
        Assert.Equal(new Cart("ann", 2), value);
        Assert.True(await _dapr.TrySaveStateAsync("store", "cart", new Cart("ann", 3), current, cancellationToken: Cancel));
        Assert.Equal(3, (await ReadAsync("cart"))!.Items);
        (_, current) = await _dapr.GetStateAndETagAsync<Cart>("store", "cart", cancellationToken: Cancel);
        Assert.True(await _dapr.TryDeleteStateAsync("store", "cart", current, cancellationToken: Cancel));
        Assert.False(await _dapr.TrySaveStateAsync("store", "cart", new Cart("ann", 4), current, cancellationToken: Cancel));
        Assert.Null(await ReadAsync("cart"));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.FirstWrite)]
    public async Task First_write_without_an_etag_does_not_replace_an_item()
    {
        await SaveAsync("cart", new Cart("ann", 1), FirstWrite);

        await Assert.ThrowsAsync<DaprException>(() => SaveAsync("cart", new Cart("bob", 2), FirstWrite));
        Assert.Equal("ann", (await ReadAsync("cart"))!.Owner);
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Transactions)]
    public async Task A_transaction_applies_everything_or_nothing()
    {
        await SaveAsync("kept", new Cart("ann", 1));
        var (_, stale) = await _dapr.GetStateAndETagAsync<Cart>("store", "kept", cancellationToken: Cancel);
        await SaveAsync("kept", new Cart("ann", 2));
        StateTransactionRequest[] bad =
        [
            new("new", "{}"u8.ToArray(), StateOperationType.Upsert),
            new("kept", null, StateOperationType.Delete, etag: stale),
        ];
        await Assert.ThrowsAsync<DaprException>(() => _dapr.ExecuteStateTransactionAsync("store", bad, cancellationToken: Cancel));
        Assert.Equal(new Cart("ann", 2), await ReadAsync("kept"));
        if (store.Difference(StoreBehaviour.Transactions) is null)
        {
            Assert.Null(await _dapr.GetStateAsync<object>("store", "new", cancellationToken: Cancel));
        }

        StateTransactionRequest[] good =
        [
            new("new", "{}"u8.ToArray(), StateOperationType.Upsert),
            new("kept", null, StateOperationType.Delete),
            new("twice", "1"u8.ToArray(), StateOperationType.Upsert),
            new("twice", "2"u8.ToArray(), StateOperationType.Upsert),
        ];
        await _dapr.ExecuteStateTransactionAsync("store", good, cancellationToken: Cancel);
        Assert.NotNull(await _dapr.GetStateAsync<object>("store", "new", cancellationToken: Cancel));
        Assert.Null(await ReadAsync("kept"));
        Assert.Equal(2, await _dapr.GetStateAsync<int>("store", "twice", cancellationToken: Cancel));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.TimeToLive)]
    public async Task An_item_expires_when_its_time_to_live_is_over_and_not_before()
    {
        var begin = TimeProvider.System.GetTimestamp();
        await SaveAsync("cart", new Cart("ann", 1), seconds: 3);
        await SaveAsync("kept", new Cart("bob", 1));
        await PassAsync(TimeSpan.FromSeconds(2.9));
        var isThere = await ReadAsync("cart") is not null;
        Assert.True(isThere || (_time is null && TimeProvider.System.GetElapsedTime(begin) > TimeSpan.FromSeconds(2.5)));

        await PassAsync(TimeSpan.FromSeconds(0.2));
        await Wait.UntilAsync(async () => await ReadAsync("cart") is null);

        Assert.True(_time is not null || TimeProvider.System.GetElapsedTime(begin) > TimeSpan.FromSeconds(2.5));
        Assert.NotNull(await ReadAsync("kept"));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.TimeToLive)]
    public async Task A_write_without_a_time_to_live_clears_an_earlier_one()
    {
        await SaveAsync("cleared", new Cart("ann", 1), seconds: 2);
        await SaveAsync("cleared", new Cart("ann", 2));
        await SaveAsync("expires", new Cart("bob", 1), seconds: 2);

        await PassAsync(TimeSpan.FromSeconds(3));
        await Wait.UntilAsync(async () => await ReadAsync("expires") is null);
        Assert.Equal(new Cart("ann", 2), await ReadAsync("cleared"));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.TimeToLive)]
    public async Task Each_item_of_a_bulk_write_and_of_a_transaction_has_a_time_to_live_of_its_own()
    {
        var soon = new Dictionary<string, string> { ["ttlInSeconds"] = "2" };
        await _dapr.SaveBulkStateAsync(
            "store", [new SaveStateItem<int>("bulk-soon", 1, "", metadata: soon), new SaveStateItem<int>("bulk-kept", 1, "")], Cancel);
        await _dapr.ExecuteStateTransactionAsync(
            "store",
            [
                new("transaction-soon", "1"u8.ToArray(), StateOperationType.Upsert, metadata: soon),
                new("transaction-kept", "1"u8.ToArray(), StateOperationType.Upsert),
            ],
            cancellationToken: Cancel);

        await PassAsync(TimeSpan.FromSeconds(3));
        await Wait.UntilAsync(async () =>
            await _dapr.GetStateAsync<int>("store", "bulk-soon", cancellationToken: Cancel) == 0
            && await _dapr.GetStateAsync<int>("store", "transaction-soon", cancellationToken: Cancel) == 0);
        Assert.Equal(1, await _dapr.GetStateAsync<int>("store", "bulk-kept", cancellationToken: Cancel));
        Assert.Equal(1, await _dapr.GetStateAsync<int>("store", "transaction-kept", cancellationToken: Cancel));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.TimeToLive)]
    public async Task An_expired_item_counts_as_absent_for_first_write()
    {
        await SaveAsync("cart", new Cart("ann", 1), seconds: 1);
        await PassAsync(TimeSpan.FromSeconds(2));
        await Wait.UntilAsync(async () => await ReadAsync("cart") is null);

        await SaveAsync("cart", new Cart("bob", 2), FirstWrite);

        Assert.Equal("bob", (await ReadAsync("cart"))!.Owner);
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Bulk)]
    public async Task A_bulk_read_answers_in_the_order_of_the_keys()
    {
        await SaveAsync("b", new Cart("bob", 2));
        await SaveAsync("a", new Cart("ann", 1));

        var items = await _dapr.GetBulkStateAsync("store", ["b", "none", "a"], parallelism: null, cancellationToken: Cancel);

        Assert.Equal(["b", "none", "a"], items.Select(item => item.Key));
        Assert.Equal("", items[1].Value);
        Assert.Contains("ann", items[2].Value);
    }

    /// <summary>Makes another handle on the store, opened, as another process would have it.</summary>
    private protected async Task<IStateStore> OpenComponentAsync(params (string Name, string Value)[] more)
    {
        Target.NeedsOwnHost();
        var component = store.Component(Sidecars.Folder, more);
        _components.Add(component);
        await component.InitializeAsync(Cancel);
        return component;
    }

    private protected Task SaveAsync(string key, Cart value, StateOptions? options = null, int? seconds = null) => _dapr.SaveStateAsync(
        "store", key, value, options, seconds is null ? null : new Dictionary<string, string> { ["ttlInSeconds"] = $"{seconds}" }, Cancel);

    private protected async Task<Cart?> ReadAsync(string key) => await _dapr.GetStateAsync<Cart?>("store", key, cancellationToken: Cancel);

    /// <summary>Moves the clock of a store that has the test's; the clock of another one moves by itself, and its test waits for what follows.</summary>
    private Task PassAsync(TimeSpan span)
    {
        _time?.Advance(span);
        return Task.CompletedTask;
    }

    private protected sealed record Cart(string Owner, int Items);
}
