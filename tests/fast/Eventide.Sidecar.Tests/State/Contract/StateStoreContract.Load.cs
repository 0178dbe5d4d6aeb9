using System.Security.Cryptography;
using Dapr;
using Dapr.Client;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.State;

/// <content>Many clients, many keys, large values.</content>
public abstract partial class StateStoreContract
{
    [Fact]
    [StoreBehaviour(StoreBehaviour.Races)]
    public async Task Of_many_writers_with_the_same_etag_exactly_one_wins_in_every_round()
    {
        await SaveAsync("cart", new Cart("ann", 0));
        for (var round = 1; round <= 20; round++)
        {
            var (_, etag) = await Dapr.GetStateAndETagAsync<Cart>("store", "cart", cancellationToken: Cancel);
            var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer =>
                Dapr.TrySaveStateAsync("store", "cart", new Cart("ann", 100 * round + writer), etag, cancellationToken: Cancel)));

            Assert.Single(wins, won => won);
            Assert.Equal(100 * round + Array.IndexOf(wins, true), (await ReadAsync("cart"))!.Items);
        }
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Races)]
    public async Task Of_many_creators_exactly_one_wins_in_every_round()
    {
        for (var round = 1; round <= 10; round++)
        {
            var key = $"created-{round}";
            var wins = await Task.WhenAll(Enumerable.Range(0, 16).Select(async creator =>
            {
                try
                {
                    await SaveAsync(key, new Cart("ann", creator), FirstWrite);
                    return true;
                }
                catch (DaprException)
                {
                    return false;
                }
            }));

            Assert.Single(wins, won => won);
            Assert.Equal(Array.IndexOf(wins, true), (await ReadAsync(key))!.Items);
        }
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Transactions)]
    public async Task Of_many_transactions_on_the_same_etags_exactly_one_is_done()
    {
        Store.Needs(StoreBehaviour.Transactions);
        await SaveAsync("left", new Cart("ann", 0));
        await SaveAsync("right", new Cart("bob", 0));
        for (var round = 1; round <= 10; round++)
        {
            var (_, left) = await Dapr.GetStateAndETagAsync<Cart>("store", "left", cancellationToken: Cancel);
            var (_, right) = await Dapr.GetStateAndETagAsync<Cart>("store", "right", cancellationToken: Cancel);
            var wins = await Task.WhenAll(Enumerable.Range(0, 8).Select(async writer =>
            {
                StateTransactionRequest[] both =
                [
                    new("left", Json(100 * round + writer), StateOperationType.Upsert, left), new("right", Json(100 * round + writer), StateOperationType.Upsert, right),
                ];
                try
                {
                    await Dapr.ExecuteStateTransactionAsync("store", writer % 2 == 0 ? both : [both[1], both[0]], cancellationToken: Cancel);
                    return true;
                }
                catch (DaprException)
                {
                    return false;
                }
            }));

            Assert.Single(wins, won => won);
            Assert.Equal(100 * round + Array.IndexOf(wins, true), (await ReadAsync("left"))!.Items);
            Assert.Equal(await ReadAsync("left"), await ReadAsync("right"));
        }

        static byte[] Json(int items) => System.Text.Encoding.UTF8.GetBytes($$"""{"owner":"ann","items":{{items}}}""");
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.NoLostUpdates)]
    public async Task Increments_by_etag_from_many_clients_add_up_exactly()
    {
        const int clients = 8;
        const int increments = 20;
        await SaveAsync("counter", new Cart("all", 0));

        await Task.WhenAll(Enumerable.Range(0, clients).Select(async _ =>
        {
            for (var done = 0; done < increments;)
            {
                var (value, etag) = await Dapr.GetStateAndETagAsync<Cart>("store", "counter", cancellationToken: Cancel);
                done += await Dapr.TrySaveStateAsync("store", "counter", value with { Items = value.Items + 1 }, etag, cancellationToken: Cancel) ? 1 : 0;
            }
        }));

        Assert.Equal(clients * increments, (await ReadAsync("counter"))!.Items);
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Bulk)]
    public async Task A_thousand_keys_are_written_read_and_deleted_in_bulk()
    {
        var keys = Enumerable.Range(0, 1000).Select(i => $"key-{i}").ToList();
        await Dapr.SaveBulkStateAsync("store", [.. keys.Select((key, i) => new SaveStateItem<Cart>(key, new Cart(key, i), ""))], Cancel);

        var items = await Dapr.GetBulkStateAsync<Cart>("store", keys, parallelism: 16, cancellationToken: Cancel);
        Assert.Equal(keys.Select((key, i) => (key, new Cart(key, i))), items.Select(item => (item.Key, item.Value)));
        Assert.All(items, item => Assert.NotEmpty(item.ETag));

        var half = keys.Where((_, i) => i % 2 == 0).ToList();
        await Dapr.DeleteBulkStateAsync("store", [.. half.Select(key => new BulkDeleteStateItem(key, ""))], Cancel);
        var left = await Dapr.GetBulkStateAsync("store", keys, parallelism: 16, cancellationToken: Cancel);
        Assert.Equal(half, left.Where(item => item.Value.Length == 0).Select(item => item.Key));
    }

    [Theory]
    [InlineData(1_000_000)]
    [InlineData(3_900_000)]
    [StoreBehaviour(StoreBehaviour.LargeValues)]
    public async Task A_large_value_comes_back_as_it_was(int size)
    {
        var value = RandomNumberGenerator.GetBytes(size);
        await Dapr.SaveByteStateAsync("store", "large", value, cancellationToken: Cancel);

        var read = await Dapr.GetByteStateAsync("store", "large", cancellationToken: Cancel);

        Assert.True(read.Span.SequenceEqual(value));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Load)]
    public async Task Under_concurrent_load_every_client_finds_what_it_wrote()
    {
        const int clients = 32;
        const int rounds = 25;

        await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            for (var i = 0; i < rounds; i++)
            {
                var (key, gone) = ($"c{client}-{i}", $"c{client}-{i}-gone");
                await SaveAsync(key, new Cart($"{client}", i));
                await SaveAsync(gone, new Cart($"{client}", i));
                Assert.Equal(new Cart($"{client}", i), await ReadAsync(key));
                await Dapr.DeleteStateAsync("store", gone, cancellationToken: Cancel);
                Assert.Null(await ReadAsync(gone));
            }
        }));

        var keys = Enumerable.Range(0, clients).SelectMany(client => Enumerable.Range(0, rounds).Select(i => $"c{client}-{i}")).ToList();
        var items = await Dapr.GetBulkStateAsync<Cart>("store", [.. keys, .. keys.Select(key => $"{key}-gone")], parallelism: 16, cancellationToken: Cancel);
        Assert.All(items.Take(keys.Count), item => Assert.Equal($"c{item.Value.Owner}-{item.Value.Items}", item.Key));
        Assert.All(items.Skip(keys.Count), item => Assert.Null(item.Value));
    }
}
