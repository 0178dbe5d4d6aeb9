using System.Text;
using Eventide.Brokers.Servers;
using Eventide.Sidecar.Components.State;
using StackExchange.Redis;

namespace Eventide.Brokers.Tests.Redis;

/// <summary>What only state.redis has: Dapr's layout in the server, and what Redis makes of conditions.</summary>
public sealed class RedisStateTests(RedisFixture redis) : IClassFixture<RedisFixture>, IAsyncLifetime
{
    private readonly string _app = $"shop-{Guid.NewGuid():N}"[..13];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IDatabase Raw => redis.Raw;

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        Assert.SkipUnless(RedisServer.IsInstalled, "Redis is not installed: `make brokers` installs it (package redis-server).");
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task An_item_is_a_hash_of_data_and_a_counted_version_and_the_mark_of_first_write()
    {
        await using var store = await redis.StoreAsync();
        await store.SetAsync(Set("a", "1"), Cancel);
        await store.SetAsync(Set("a", "2"), Cancel);
        await store.SetAsync(Set("b", "1") with { FirstWrite = true, TimeToLive = TimeSpan.FromSeconds(90) }, Cancel);

        Assert.Equal([("data", "2"), ("version", "2")], await FieldsAsync("a"));
        Assert.Equal([("data", "1"), ("first-write", "0"), ("version", "1")], await FieldsAsync("b"));
        Assert.Null(await Raw.KeyTimeToLiveAsync(Key("a")));
        Assert.InRange((await Raw.KeyTimeToLiveAsync(Key("b")))!.Value, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(90));
    }

    [Fact]
    public async Task What_daprd_wrote_is_read_and_changed_by_its_version()
    {
        await using var store = await redis.StoreAsync();
        await Raw.HashSetAsync(Key("a"), [new("data", "\"of daprd\""), new("version", 7)]);
        await Raw.StringSetAsync(Key("old"), "\"plain\"");

        var item = await store.GetAsync(Key("a"), Cancel);
        Assert.Equal(("\"of daprd\"", "7"), (Text(item), item!.ETag));
        await Assert.ThrowsAsync<ETagMismatchException>(async () => await store.SetAsync(Set("a", "no") with { ETag = "6" }, Cancel));
        await Assert.ThrowsAsync<ETagInvalidException>(async () => await store.SetAsync(Set("a", "no") with { ETag = "seven" }, Cancel));
        await store.SetAsync(Set("a", "yes") with { ETag = "7" }, Cancel);
        Assert.Equal([("data", "yes"), ("version", "8")], await FieldsAsync("a"));

        Assert.Equal("\"plain\"", Text(await store.GetAsync(Key("old"), Cancel)));
        await store.SetAsync(Set("old", "new"), Cancel);
        Assert.Equal([("data", "new"), ("version", "1")], await FieldsAsync("old"));
    }

    [Fact]
    public async Task An_item_of_first_write_is_kept_from_writes_without_its_etag()
    {
        await using var store = await redis.StoreAsync();
        await store.SetAsync(Set("a", "1") with { FirstWrite = true }, Cancel);

        var refused = await Assert.ThrowsAnyAsync<IOException>(async () => await store.SetAsync(Set("a", "2"), Cancel));

        Assert.Contains($"failed to set key {Key("a")}", refused.Message);
        Assert.Equal("1", Text(await store.GetAsync(Key("a"), Cancel)));
    }

    [Fact]
    public async Task Conditions_of_a_transaction_see_what_stands_before_them_and_one_that_fails_undoes_nothing_because_nothing_was_done()
    {
        await using var store = await redis.StoreAsync();
        await store.TransactAsync([Set("a", "1"), Set("a", "2") with { ETag = "1" }, new StateDelete(Key("a"), "2"), Set("a", "3") with { FirstWrite = true }], Cancel);
        Assert.Equal("3", Text(await store.GetAsync(Key("a"), Cancel)));

        await Assert.ThrowsAsync<ETagMismatchException>(
            async () => await store.TransactAsync([Set("b", "1"), new StateDelete(Key("a")), Set("c", "1") with { ETag = "1" }], Cancel));

        Assert.Equal(["3", null, null], (await store.GetManyAsync([Key("a"), Key("b"), Key("c")], Cancel)).Select(Text));
    }

    [Fact]
    public async Task A_list_of_the_engine_is_read_in_order_without_a_look_at_other_keys_and_forgets_what_is_deleted()
    {
        await using var store = await redis.StoreAsync();
        var keys = Enumerable.Range(0, 1200).Select(i => $"{_app}||eventide.unfinished||{i:D4}").ToList();
        await store.TransactAsync([.. keys.Select(key => new StateSet(key, "1"u8.ToArray()))], Cancel);
        await store.TransactAsync([.. keys.Where((_, i) => i % 2 == 1).Select(key => new StateDelete(key))], Cancel);

        var listed = await store.ScanAsync($"{_app}||eventide.unfinished||", Cancel).Select(item => item.Key).ToListAsync(Cancel);

        Assert.Equal(keys.Where((_, i) => i % 2 == 0), listed);
        Assert.Equal(600, await Raw.SortedSetLengthAsync($"{_app}||eventide.unfinished"));
        Assert.Equal([keys[10]], await store.ScanAsync(keys[10], Cancel).Select(item => item.Key).ToListAsync(Cancel));
    }

    [Fact]
    public async Task The_scripts_are_sent_again_to_a_server_that_has_forgotten_them()
    {
        await using var store = await redis.StoreAsync();
        await store.SetAsync(Set("a", "1"), Cancel);

        await Raw.ExecuteAsync("SCRIPT", "FLUSH");
        await store.SetAsync(Set("a", "2"), Cancel);

        Assert.Equal("2", Text(await store.GetAsync(Key("a"), Cancel)));
    }

    private static string? Text(StateItem? item) => item is null ? null : Encoding.UTF8.GetString(item.Value.Span);

    private string Key(string name) => $"{_app}||{name}";

    private StateSet Set(string name, string value) => new(Key(name), Encoding.UTF8.GetBytes(value));

    private async Task<IEnumerable<(string, string)>> FieldsAsync(string name) =>
        (await Raw.HashGetAllAsync(Key(name))).Select(field => ((string)field.Name!, (string)field.Value!)).Order();
}
