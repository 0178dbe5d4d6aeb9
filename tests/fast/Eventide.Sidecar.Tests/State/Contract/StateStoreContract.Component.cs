using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.State;

/// <content>What the workflow engine relies on, which no API of Dapr reaches; and the keys of the world.</content>
public abstract partial class StateStoreContract
{
    /// <summary>In the order of their UTF-8 bytes, which is not that of UTF-16: the last but one comes before U+FFFD there.</summary>
    private static readonly string[] OddKeys =
    [
        " leading and trailing ", "%41%", "*?[a-z]\\*", "\\", "_%_", "a", "a'b\"c`d", "a/b/../c", "a:b|c", "e\u0301", "tab\tand\nline", "{0}{{1}}", "~", "\u00e9", "ключ",
        "\ud7ff", "\ue000", "\ufffd", "\uffff", "\U00010000", "😀", "\U0010FFFF",
    ];

    [Fact]
    [StoreBehaviour(StoreBehaviour.Keys)]
    public async Task Any_key_names_one_item_and_no_other()
    {
        foreach (var key in OddKeys)
        {
            await SaveAsync(key, new Cart(key, 1));
        }

        Assert.Equal(OddKeys, await Task.WhenAll(OddKeys.Select(async key => (await ReadAsync(key))?.Owner)));
        var all = await Dapr.GetBulkStateAsync<Cart>("store", OddKeys, parallelism: 4, cancellationToken: Cancel);
        Assert.Equal(OddKeys, all.Select(item => item.Value.Owner));

        foreach (var key in OddKeys)
        {
            await Dapr.DeleteStateAsync("store", key, cancellationToken: Cancel);
            Assert.Null(await ReadAsync(key));
        }
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Scans)]
    public async Task Keys_with_a_prefix_are_listed_completely_and_in_the_order_of_their_bytes()
    {
        var component = await OpenComponentAsync();
        foreach (var prefix in (string[])[$"{AppId}|%_*[", $"{AppId}|\U0010FFFF", $"{AppId}|\ud7ff"])
        {
            string[] others = [AppId, $"{AppId}|", $"{AppId}|!", $"{AppId}}}"];
            await component.TransactAsync([.. OddKeys.Reverse().Concat([""]).Select(key => new StateSet(prefix + key, "v"u8.ToArray()))], Cancel);
            await component.TransactAsync([.. others.Select(key => new StateSet(key, "v"u8.ToArray()))], Cancel);

            Assert.Equal(OddKeys.Prepend("").Select(key => prefix + key), await ScanAsync(component, prefix));
        }
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Scans)]
    public async Task A_scan_of_thousands_misses_none_while_others_write()
    {
        var component = await OpenComponentAsync();
        var keys = Enumerable.Range(0, 2500).Select(i => $"{AppId}|k{i:0000}").ToList();
        foreach (var some in keys.Chunk(500))
        {
            await component.TransactAsync([.. some.Select(key => new StateSet(key, "v"u8.ToArray()))], Cancel);
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; !enough.IsCancellationRequested; i++)
            {
                await component.SetAsync(new StateSet($"{AppId}|k{i % 2500:0000}x{i}", "v"u8.ToArray()), Cancel);
                await component.DeleteAsync(new StateDelete($"{AppId}|k{i % 2500:0000}x{i}"), Cancel);
            }
        }, Cancel);
        var found = await ScanAsync(component, $"{AppId}|k");
        await enough.CancelAsync();
        await writing;

        Assert.Equal(keys, found.Where(key => !key.Contains('x', StringComparison.Ordinal)));
        Assert.Equal(found.Distinct(), found);
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Ownership)]
    public async Task A_part_belongs_to_one_owner_at_a_time_until_that_one_gives_it_up()
    {
        Store.Needs(StoreBehaviour.Ownership);
        var (first, second) = ((IOwnedByProcess)await OpenComponentAsync(), (IOwnedByProcess)await OpenComponentAsync());
        var part = $"the workflows of {AppId}";

        var owned = await first.OwnAsync(part, Cancel);
        await using (await second.OwnAsync($"another part of {AppId}", Cancel))
        {
            var refused = await Assert.ThrowsAsync<SidecarStartException>(async () => await second.OwnAsync(part, Cancel));
            Assert.Contains($"Another running process has {part} in ", refused.Message);
        }

        Assert.False(owned.Lost.IsCancellationRequested);
        await owned.Store.SetAsync(new StateSet($"{AppId}|owned", "v"u8.ToArray()), Cancel);
        await owned.DisposeAsync();
        await using var next = await second.OwnAsync(part, Cancel);
        Assert.NotNull(await next.Store.GetAsync($"{AppId}|owned", Cancel));
    }

    [Fact]
    [StoreBehaviour(StoreBehaviour.Ownership)]
    public async Task Of_many_that_want_a_part_never_two_have_it()
    {
        Store.Needs(StoreBehaviour.Ownership);
        var (owners, turns) = (0, 0);
        IOwnedByProcess[] components =
            [(IOwnedByProcess)await OpenComponentAsync(), (IOwnedByProcess)await OpenComponentAsync(), (IOwnedByProcess)await OpenComponentAsync()];
        await Task.WhenAll(components.Select(async component =>
        {
            while (Volatile.Read(ref turns) < 12)
            {
                try
                {
                    await using var owned = await component.OwnAsync($"the turns of {AppId}", Cancel);
                    Assert.Equal(1, Interlocked.Increment(ref owners));
                    var seen = await owned.Store.GetAsync($"{AppId}|turns", Cancel);
                    await owned.Store.SetAsync(new StateSet($"{AppId}|turns", new[] { (byte)((seen?.Value.Span[0] ?? 0) + 1) }), Cancel);
                    Interlocked.Increment(ref turns);
                    Interlocked.Decrement(ref owners);
                }
                catch (SidecarStartException)
                {
                    // Somebody else has it.
                }
            }
        }));

        var counted = await (await OpenComponentAsync()).GetAsync($"{AppId}|turns", Cancel);
        Assert.Equal(turns, counted!.Value.Span[0]);
    }

    private protected static async Task<IReadOnlyList<string>> ScanAsync(IStateStore component, string prefix)
    {
        var keys = new List<string>();
        await foreach (var item in component.ScanAsync(prefix, Cancel))
        {
            keys.Add(item.Key);
        }

        return keys;
    }
}
