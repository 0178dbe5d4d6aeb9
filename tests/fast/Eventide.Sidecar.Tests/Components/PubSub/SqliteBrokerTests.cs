using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Sqlite;
using Eventide.Sidecar.Components.Sqlite;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Sidecar.Tests.Components.PubSub;

/// <summary>The embedded broker by itself: groups, redelivery, retention.</summary>
public sealed class SqliteBrokerTests : IAsyncLifetime
{
    private static readonly SqliteBrokerOptions Defaults = new(
        "FULL", Concurrency: 4, RedeliverInterval: TimeSpan.FromSeconds(1), MaxRedeliverInterval: TimeSpan.FromSeconds(30), Retention: TimeSpan.FromHours(24),
        MaxMessages: 1_000_000, MaxBytes: 1L << 40);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventide-broker-");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly LogLines _log = new();
    private readonly ConcurrentQueue<int> _received = new();
    private SqliteBroker _broker = null!;

    /// <inheritdoc/>
    public ValueTask InitializeAsync()
    {
        _broker = Open(Defaults);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _broker.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_is_acknowledged_is_synced_to_the_disk_unless_the_file_says_otherwise()
    {
        await using var full = GroupCommitDatabase.Open(Path.Combine(_folder.FullName, "full.db"), "FULL", _ => { });
        await using var normal = GroupCommitDatabase.Open(Path.Combine(_folder.FullName, "normal.db"), "NORMAL", _ => { });

        // The numbers are SQLite's: 2 is FULL, 1 is NORMAL.
        Assert.Equal((2L, "wal", 1L), (await full.WriteAsync(s => s.Scalar<long>("PRAGMA synchronous")), await full.WriteAsync(s => s.Scalar<string>("PRAGMA journal_mode")),
            await full.WriteAsync(s => s.Scalar<long>("PRAGMA fullfsync"))));
        Assert.Equal(1L, await normal.WriteAsync(s => s.Scalar<long>("PRAGMA synchronous")));
    }

    [Fact]
    public void A_second_process_is_told_that_the_file_is_taken()
    {
        var failure = Assert.Throws<SidecarStartException>(() => Open(Defaults));

        Assert.Contains("belongs to another running process", failure.Message);
    }

    [Fact]
    public async Task A_message_that_fails_for_ever_holds_up_its_key_and_nothing_else()
    {
        var poison = 0;
        await using var _ = await JoinAsync(number =>
        {
            if (number == 0)
            {
                Interlocked.Increment(ref poison);
                throw new InvalidOperationException("poison");
            }
        });
        await PublishAsync(0, "bad");

        // More than the broker keeps in memory, all waiting behind the poison.
        await PublishManyAsync(Enumerable.Range(1, 3000), "bad");
        await PublishManyAsync(Enumerable.Range(10_000, 100), "good");
        await PublishAsync(20_000, null);

        await Wait.UntilAsync(() => _received.Count == 101);
        Assert.All(_received, number => Assert.True(number >= 10_000));
        Assert.Equal(1, poison);
    }

    [Fact]
    public async Task A_key_goes_on_in_order_after_its_first_message_has_failed_several_times()
    {
        var failures = 3;
        await using var _ = await JoinAsync(number =>
        {
            if (number == 0 && failures-- > 0)
            {
                throw new InvalidOperationException("not yet");
            }
        });
        await PublishManyAsync(Enumerable.Range(0, 2000), "key");

        for (var attempt = 1; attempt <= 3; attempt++)
        {
            // In nobody's hand any more: only then its timer has been set.
            await Wait.UntilAsync(() => failures == 3 - attempt && _broker.BacklogOf("t", "g") == new Backlog(2000, 0));
            Assert.Empty(_received);
            _time.Advance(TimeSpan.FromSeconds(Math.Pow(2, attempt - 1)));
        }

        await Wait.UntilAsync(() => _received.Count == 2000);
        Assert.Equal(Enumerable.Range(0, 2000), _received);
    }

    [Fact]
    public async Task After_a_pause_what_has_failed_comes_at_once_and_in_order()
    {
        var healthy = false;
        var failed = 0;
        void Handle(int number)
        {
            if (!healthy)
            {
                Interlocked.Increment(ref failed);
                throw new InvalidOperationException("the app is down");
            }
        }

        await using (await JoinAsync(Handle, concurrency: 1))
        {
            await PublishManyAsync(Enumerable.Range(0, 4), null);
            await Wait.UntilAsync(() => failed == 4);
        }

        healthy = true;
        await using var again = await JoinAsync(Handle, concurrency: 1);

        await Wait.UntilAsync(() => _received.Count == 4);
        Assert.Equal(Enumerable.Range(0, 4).ToHashSet(), _received.ToHashSet());
    }

    [Fact]
    public async Task A_message_that_failed_while_its_consumer_left_goes_to_another_at_once()
    {
        var entered = new TaskCompletionSource();
        var leave = new TaskCompletionSource();
        var first = await _broker.SubscribeAsync("t", "g", 1, async (_, stopping) =>
        {
            entered.TrySetResult();
            await leave.Task;
            stopping.ThrowIfCancellationRequested();
        });
        await PublishAsync(1, "key");
        await entered.Task;
        await using var second = await JoinAsync(_ => { });

        var leaving = first.DisposeAsync();
        leave.SetResult();
        await leaving;

        await Wait.UntilAsync(() => _received.Count == 1);
    }

    [Fact]
    public async Task Consumers_that_come_and_go_lose_no_message_and_get_none_twice()
    {
        await using var stays = await JoinAsync(_ => { });
        var publishing = Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                await PublishAsync(i, i % 3 == 0 ? null : $"{i % 5}");
            }
        }, TestContext.Current.CancellationToken);
        while (!publishing.IsCompleted)
        {
            await using var goes = await JoinAsync(_ => { });
        }

        await publishing;
        await Wait.UntilAsync(() => _received.Count >= 500);
        Assert.Equal(Enumerable.Range(0, 500), _received.Order());
    }

    [Fact]
    public async Task After_a_restart_a_group_passes_over_pages_of_finished_messages_and_goes_on()
    {
        await using (await JoinAsync(number =>
        {
            if (number == 0)
            {
                throw new InvalidOperationException("stays unread");
            }
        }))
        {
            await PublishManyAsync(Enumerable.Range(0, 1500), null);
            await Wait.UntilAsync(() => _received.Count == 1499);
        }

        await _broker.DisposeAsync();
        _received.Clear();
        _broker = Open(Defaults);
        await PublishAsync(5000, null);
        await using var again = await JoinAsync(_ => { });

        await Wait.UntilAsync(() => _received.Count == 2);
        Assert.Equal([0, 5000], _received.Order());
        await Wait.UntilAsync(() => _broker.Lag("t", "g") == 0);
    }

    [Fact]
    public async Task A_group_that_comes_late_gets_everything_that_is_still_kept()
    {
        await PublishManyAsync(Enumerable.Range(0, 700), null);

        await using var late = await JoinAsync(_ => { });

        await Wait.UntilAsync(() => _received.Count == 700);
    }

    [Fact]
    public async Task What_is_removed_by_age_before_it_was_read_is_counted_and_reported_once()
    {
        await (await JoinAsync(_ => { })).DisposeAsync();
        await PublishManyAsync(Enumerable.Range(0, 5), null);
        _time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(2));
        await PublishAsync(5, null);

        _time.Advance(TimeSpan.FromMinutes(3));

        await Wait.UntilAsync(() => _log.Lines.Count == 1);
        Assert.StartsWith("5 messages of topic t expired before group g read them", _log.Lines[0]);
        Assert.Equal((5, 1), (_broker.Expired("t", "g"), _broker.Lag("t", "g")));
        await using var again = await JoinAsync(_ => { });
        await Wait.UntilAsync(() => _received.Count == 1);
        Assert.Equal([5], _received);
    }

    [Fact]
    public async Task What_is_removed_while_it_waits_in_memory_is_not_delivered_any_more()
    {
        var gate = new SemaphoreSlim(0);
        await using var held = await _broker.SubscribeAsync("t", "g", 1, async (message, _) =>
        {
            await gate.WaitAsync(TestContext.Current.CancellationToken);
            _received.Enqueue(Number(message));
        });
        await PublishManyAsync(Enumerable.Range(0, 10), "key");
        _time.Advance(TimeSpan.FromHours(25));
        await Wait.UntilAsync(() => _log.Lines.Count == 1);

        gate.Release(10);

        await Wait.UntilAsync(() => _received.Count == 1);
        await PublishAsync(99, "key");
        await Wait.UntilAsync(() => _received.Count == 2);
        Assert.Equal([0, 99], _received);
    }

    [Fact]
    public async Task The_file_is_kept_below_its_size_and_its_number_of_messages()
    {
        await _broker.DisposeAsync();
        _broker = Open(Defaults with { MaxBytes = 1_000_000, MaxMessages = 500 });
        await (await JoinAsync(_ => { })).DisposeAsync();
        await PublishManyAsync(Enumerable.Range(0, 1000), null);

        _time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => _broker.Expired("t", "g") == 500);

        await PublishManyAsync(Enumerable.Range(1000, 400), null, size: 10_000);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => _broker.Lag("t", "g") is > 0 and < 400);
        Assert.Equal(1400, _broker.Expired("t", "g") + _broker.Lag("t", "g"));
    }

    [Fact]
    public async Task A_message_whose_time_to_live_is_over_is_not_delivered_but_counted()
    {
        await _broker.PublishAsync(new PubSubMessage("t", "1"u8.ToArray(), null, new Dictionary<string, string> { ["ttlInSeconds"] = "5" }));
        await _broker.PublishAsync(new PubSubMessage("t", "2"u8.ToArray(), null, new Dictionary<string, string> { ["ttlInSeconds"] = "50" }));
        _time.Advance(TimeSpan.FromSeconds(6));

        await using var late = await JoinAsync(_ => { });

        await Wait.UntilAsync(() => _broker.Lag("t", "g") == 0);
        Assert.Equal([2], _received);
        _time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(() => _log.Lines.Count == 1);
        Assert.StartsWith("1 messages of topic t expired before group g read them", _log.Lines[0]);
        Assert.Equal(1, _broker.Expired("t", "g"));
    }

    [Fact]
    public async Task The_backlog_tells_what_waits_and_what_handlers_have_however_far_the_group_is_behind()
    {
        using var handling = new SemaphoreSlim(0);
        async Task HandleAsync() => await handling.WaitAsync(Cancel);
        var consumer = await _broker.SubscribeAsync("t", "g", 1, (_, _) => HandleAsync());
        Assert.Equal(new Backlog(0, 0), _broker.BacklogOf("t", "g"));

        // More than is kept in memory, and a key whose messages wait for each other.
        await PublishManyAsync(Enumerable.Range(0, 30), "key");
        await PublishManyAsync(Enumerable.Range(30, 3000), null);
        await Wait.UntilAsync(() => _broker.BacklogOf("t", "g") == new Backlog(3026, 4));

        handling.Release(1000);
        await Wait.UntilAsync(() => _broker.BacklogOf("t", "g") == new Backlog(2026, 4));

        // The four in hand end, and nobody takes more.
        var leaving = consumer.DisposeAsync();
        handling.Release(4);
        await leaving;
        Assert.Equal(new Backlog(2026, 0), _broker.BacklogOf("t", "g"));

        await _broker.DisposeAsync();
        _broker = Open(Defaults);
        await using var again = await _broker.SubscribeAsync("t", "g", 1, (_, _) => HandleAsync());
        await Wait.UntilAsync(() => _broker.BacklogOf("t", "g") == new Backlog(2022, 4));
        handling.Release(5000);
        await Wait.UntilAsync(() => _broker.BacklogOf("t", "g") == new Backlog(0, 0));
    }

    [Fact]
    public async Task What_a_handler_refused_waits_again()
    {
        var refused = new TaskCompletionSource();
        await using var _ = await JoinAsync(_ =>
        {
            if (refused.TrySetResult())
            {
                throw new InvalidOperationException("not now");
            }
        });
        await PublishAsync(1, null);

        await refused.Task.WaitAsync(Cancel);
        await Wait.UntilAsync(() => _broker.BacklogOf("t", "g") == new Backlog(1, 0));
        _time.Advance(TimeSpan.FromSeconds(1));
        await Wait.UntilAsync(() => _broker.BacklogOf("t", "g") == new Backlog(0, 0));
    }

    private SqliteBroker Open(SqliteBrokerOptions options) => SqliteBroker.Open(Path.Combine(_folder.FullName, "broker.db"), options, _time, _log);

    private Task<IAsyncDisposable> JoinAsync(Action<int> handle, int concurrency = 1) => _broker.SubscribeAsync("t", "g", concurrency, (message, _) =>
    {
        handle(Number(message));
        _received.Enqueue(Number(message));
        return Task.CompletedTask;
    });

    private static int Number(PubSubMessage message) => int.Parse(Encoding.UTF8.GetString(message.Data.Span).TrimEnd(), CultureInfo.InvariantCulture);

    private Task PublishAsync(int number, string? key) => _broker.PublishAsync(Message(number, key, 0));

    private Task PublishManyAsync(IEnumerable<int> numbers, string? key, int size = 0) =>
        _broker.PublishManyAsync([.. numbers.Select(number => Message(number, key, size))]);

    private static PubSubMessage Message(int number, string? key, int size) => new(
        "t", Encoding.UTF8.GetBytes(number.ToString(CultureInfo.InvariantCulture).PadRight(size)), null,
        key is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["partitionKey"] = key });
}
