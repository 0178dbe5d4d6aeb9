using System.Collections.Concurrent;
using Eventide.Sidecar.Components.Sqlite;

namespace Eventide.Sidecar.Tests.Components.Sqlite;

/// <summary>One writer, many callers.</summary>
public sealed class GroupCommitDatabaseTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventide-sqlite-");

    private string File => Path.Combine(_folder.FullName, "data.db");

    /// <inheritdoc/>
    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_write_that_fails_takes_back_its_own_statements_and_no_others()
    {
        await using var database = Open();
        await using var held = await HoldAsync(database);
        var first = Insert(database, 1);
        var failing = database.WriteAsync<int>(session =>
        {
            session.Execute("INSERT INTO number (n) VALUES (2)");
            throw new InvalidOperationException("no");
        });
        var last = Insert(database, 3);
        held.Release();

        await Task.WhenAll(first, last);
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
        Assert.Equal([1, 3], Numbers(database));

        // Alone in its commit it does so too.
        await Assert.ThrowsAsync<InvalidOperationException>(() => database.WriteAsync<int>(session =>
        {
            session.Execute("INSERT INTO number (n) VALUES (4)");
            throw new InvalidOperationException("no");
        }));
        Assert.Equal([1, 3], Numbers(database));
    }

    [Fact]
    public async Task Writes_are_committed_and_reported_in_the_order_of_the_calls_urgent_or_not()
    {
        await using var database = Open();
        var reported = new ConcurrentQueue<int>();
        var writes = Enumerable.Range(0, 2000).Select(number => database.WriteAsync(
            session => session.Execute("INSERT INTO number (n) VALUES (?1)", (long)number) + number - 1, reported.Enqueue, urgent: number % 3 == 0)).ToList();

        await Task.WhenAll(writes);

        Assert.Equal(Enumerable.Range(0, 2000), reported);
    }

    [Fact]
    public async Task A_write_that_nobody_waits_for_is_done_soon_even_if_no_other_follows()
    {
        await using var database = Open();

        await database.WriteAsync(session => session.Execute("INSERT INTO number (n) VALUES (1)"), urgent: false)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal([1], Numbers(database));
    }

    [Fact]
    public async Task What_was_queued_before_the_end_is_written_and_what_comes_after_is_refused()
    {
        var database = Open();
        var writes = Enumerable.Range(0, 100).Select(number => Insert(database, number, urgent: false)).ToList();
        await database.DisposeAsync();

        await Task.WhenAll(writes);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Insert(database, 100));
        await using var again = Open();
        Assert.Equal(Enumerable.Range(0, 100), Numbers(again));
    }

    private GroupCommitDatabase Open() =>
        GroupCommitDatabase.Open(File, "FULL", session => session.Execute("CREATE TABLE IF NOT EXISTS number (n INTEGER PRIMARY KEY)"));

    private static Task<int> Insert(GroupCommitDatabase database, int number, bool urgent = true) =>
        database.WriteAsync(session => session.Execute("INSERT INTO number (n) VALUES (?1)", (long)number), urgent: urgent);

    private static List<int> Numbers(GroupCommitDatabase database) =>
        database.Read(session => session.Query("SELECT n FROM number ORDER BY n", row => (int)row.Int64(0)));

    /// <summary>Keeps the writer busy, so that what follows is one batch.</summary>
    private static async Task<Holder> HoldAsync(GroupCommitDatabase database)
    {
        var (entered, release) = (new TaskCompletionSource(), new ManualResetEventSlim());
        var write = database.WriteAsync(_ =>
        {
            entered.SetResult();
            release.Wait(TimeSpan.FromSeconds(10));
            return 0;
        });
        await entered.Task;
        return new Holder(release, write);
    }

    private sealed class Holder(ManualResetEventSlim release, Task write) : IAsyncDisposable
    {
        public void Release() => release.Set();

        public async ValueTask DisposeAsync()
        {
            release.Set();
            await write;
            release.Dispose();
        }
    }
}
