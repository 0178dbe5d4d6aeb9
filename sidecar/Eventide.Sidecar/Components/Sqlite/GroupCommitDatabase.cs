using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Eventide.Sidecar.Components.Sqlite;

/// <summary>
/// One SQLite file in WAL mode with one writer. Writers queue; each gets a savepoint of its own and all that wait share one commit, so the cost of
/// <c>synchronous=FULL</c> (one fsync) is paid once for many. A write that returns is on disk and survives SIGKILL and power loss.
/// Reads run on connections of their own and see the last commit. Thread-safe.
/// </summary>
internal sealed class GroupCommitDatabase : IAsyncDisposable
{
    /// <summary>Bounds how long the first writer of a batch waits for the others; beyond some hundred the fsync no longer dominates.</summary>
    private const int MaxBatch = 512;

    /// <summary>What nobody waits for may lie so long; a crash within it repeats a little more.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    private readonly string _connectionString;
    private readonly WriteQueue<PendingWrite> _queue = new(capacity: 64 * 1024, Patience);
    private readonly ConcurrentBag<SqliteSession> _readers = [];
    private readonly SqliteSession _writer;
    private readonly Thread _thread;
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _disposed;

    private GroupCommitDatabase(string path, string synchronous, Action<SqliteSession> migrate)
    {
        Path = path;
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
        _writer = Connect(synchronous);
        migrate(_writer);
        _thread = new Thread(WriteLoop) { IsBackground = true, Name = $"sqlite {System.IO.Path.GetFileName(path)}" };
        _thread.Start();
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>Opens or creates the file and brings its tables up to date.</summary>
    /// <param name="path">The file; its folder is created.</param>
    /// <param name="synchronous">FULL survives power loss; NORMAL survives only a crash of the process.</param>
    /// <param name="migrate">Creates what is missing.</param>
    /// <exception cref="SqliteException">The file cannot be opened or is not a database.</exception>
    public static GroupCommitDatabase Open(string path, string synchronous, Action<SqliteSession> migrate)
    {
        if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
        }

        return new GroupCommitDatabase(path, synchronous, migrate);
    }

    /// <summary>Runs <paramref name="operation"/> alone on the writer; completes after the commit. If it throws, nothing of it is kept.</summary>
    /// <param name="operation">The statements.</param>
    /// <param name="committed">Called on the writer's thread after the commit, in the order of the writes; must be quick and must not throw.</param>
    /// <param name="urgent">False for a write that nobody waits for: it goes with the next commit, within ten milliseconds.</param>
    public Task<T> WriteAsync<T>(Func<SqliteSession, T> operation, Action<T>? committed = null, bool urgent = true)
    {
        var write = new PendingWrite<T>(operation, committed);
        return _queue.TryAdd(write, urgent)
            ? write.Completion.Task
            : throw new ObjectDisposedException(nameof(GroupCommitDatabase), $"{Path} is closed.");
    }

    /// <summary>Runs <paramref name="query"/> against the last commit. SQLite answers from memory in microseconds, hence synchronous.</summary>
    public T Read<T>(Func<SqliteSession, T> query)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        var reader = _readers.TryTake(out var pooled) ? pooled : Connect("NORMAL");
        try
        {
            return query(reader);
        }
        finally
        {
            _readers.Add(reader);
        }
    }

    /// <summary>Finishes the queued writes, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.Close();
        await _stopped.Task.ConfigureAwait(false);
        while (_readers.TryTake(out var reader))
        {
            reader.Dispose();
        }

        _writer.Dispose();
    }

    private SqliteSession Connect(string synchronous)
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        using var pragma = connection.CreateCommand();

        // On macOS a plain fsync leaves the data in the drive's cache; fullfsync is what makes FULL true there, and means nothing elsewhere.
        pragma.CommandText =
            $"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous}; PRAGMA fullfsync={(synchronous == "FULL" ? 1 : 0)}; PRAGMA busy_timeout=30000; PRAGMA temp_store=MEMORY;";
        pragma.ExecuteNonQuery();
        return new SqliteSession(connection);
    }

    private void WriteLoop()
    {
        var batch = new List<PendingWrite>(MaxBatch);
        try
        {
            while (_queue.Take(batch, MaxBatch))
            {
                Commit(batch);
                batch.Clear();
            }
        }
        finally
        {
            _stopped.TrySetResult();
        }
    }

    private void Commit(List<PendingWrite> batch)
    {
        try
        {
            _writer.Execute("BEGIN IMMEDIATE");
            if (batch is [var single])
            {
                // Alone it needs no savepoint: the transaction is one.
                _writer.Execute(single.TryRun(_writer) ? "COMMIT" : "ROLLBACK");
            }
            else
            {
                foreach (var write in batch)
                {
                    _writer.Execute("SAVEPOINT operation");
                    if (!write.TryRun(_writer))
                    {
                        _writer.Execute("ROLLBACK TO operation");
                    }

                    _writer.Execute("RELEASE operation");
                }

                _writer.Execute("COMMIT");
            }
        }
        catch (SqliteException failure)
        {
            RollBack();
            foreach (var write in batch)
            {
                write.Fail(failure);
            }

            return;
        }

        foreach (var write in batch)
        {
            write.Complete();
        }
    }

    private void RollBack()
    {
        try
        {
            _writer.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // BEGIN itself failed, so there is nothing to roll back; the batch is failed with the first error.
        }
    }

    private abstract class PendingWrite
    {
        public abstract bool TryRun(SqliteSession session);

        public abstract void Complete();

        public abstract void Fail(Exception failure);
    }

    private sealed class PendingWrite<T>(Func<SqliteSession, T> operation, Action<T>? committed) : PendingWrite
    {
        private T? _result;
        private Exception? _failure;

        public TaskCompletionSource<T> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override bool TryRun(SqliteSession session)
        {
            try
            {
                _result = operation(session);
                return true;
            }
            catch (Exception failure)
            {
                _failure = failure;
                return false;
            }
        }

        public override void Complete()
        {
            if (_failure is null)
            {
                committed?.Invoke(_result!);
                Completion.SetResult(_result!);
            }
            else
            {
                Completion.SetException(_failure);
            }
        }

        public override void Fail(Exception failure) => Completion.TrySetException(_failure ?? failure);
    }
}
