using System.Threading.Channels;
using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>
/// Calls that wait for the server. While one batch is under way the next gathers, so that under load many calls share one round trip, and writes one commit; a lone
/// call goes at once. Thread-safe.
/// </summary>
/// <param name="create">Makes an empty batch.</param>
/// <param name="run">Runs a batch on a connection.</param>
/// <param name="lanes">How many batches may be under way at once.</param>
internal sealed class StatementQueue<TCall>(Func<StatementBatch<TCall>> create, Func<StatementBatch<TCall>, Task> run, int lanes) : IAsyncDisposable
    where TCall : PendingCall
{
    private const int MaxRetries = 5;

    private readonly Channel<TCall> _waiting = Channel.CreateUnbounded<TCall>();
    private Task[] _lanes = [];

    /// <summary>Begins to serve.</summary>
    public StatementQueue<TCall> Start()
    {
        _lanes = [.. Enumerable.Range(0, lanes).Select(_ => Task.Run(ServeAsync))];
        return this;
    }

    /// <summary>Queues the call; false when the queue is closed.</summary>
    public bool TryAdd(TCall call) => _waiting.Writer.TryWrite(call);

    /// <summary>Finishes what was queued.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await Task.WhenAll(_lanes);
    }

    private async Task ServeAsync()
    {
        TCall? left = null;
        while (left is not null || await _waiting.Reader.WaitToReadAsync())
        {
            var batch = create();
            if (left is not null)
            {
                batch.TryAdd(left);
                left = null;
            }

            while (_waiting.Reader.TryRead(out var call))
            {
                if (!batch.TryAdd(call))
                {
                    left = call;
                    break;
                }
            }

            if (batch.Calls.Count > 0)
            {
                await RunAsync(batch);
            }
        }
    }

    private async Task RunAsync(StatementBatch<TCall> batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await run(batch);
                batch.Complete();
                return;
            }
            catch (PostgresException failure) when (failure.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure && attempt < MaxRetries)
            {
                // Nothing of it was kept, and the other one has gone on.
            }
            catch (PostgresException) when (batch.Calls.Count > 1)
            {
                // One of them is to blame. Nothing was kept, so each is tried alone.
                foreach (var call in batch.Calls)
                {
                    var single = create();
                    single.TryAdd(call);
                    await RunAsync(single);
                }

                return;
            }
            catch (Exception failure)
            {
                batch.Fail(failure);
                if (failure is not PostgresException)
                {
                    FailWaiting(failure);
                }

                return;
            }
        }
    }

    // The server is gone or silent. Whoever waits has waited as long as the batch did; one after another they would wait without a bound.
    private void FailWaiting(Exception failure)
    {
        while (_waiting.Reader.TryRead(out var call))
        {
            call.Fail(failure);
        }
    }
}

/// <summary>What one call asks of the server.</summary>
internal abstract class PendingCall
{
    /// <summary>The call failed.</summary>
    public abstract void Fail(Exception failure);
}

/// <summary>Calls that go to the server together. Not thread-safe.</summary>
internal abstract class StatementBatch<TCall> where TCall : PendingCall
{
    /// <summary>What is in it.</summary>
    public List<TCall> Calls { get; } = [];

    /// <summary>Adds the call if it can go with the others; an empty batch takes any.</summary>
    public abstract bool TryAdd(TCall call);

    /// <summary>Sends the statements and keeps what came back. Can be repeated.</summary>
    public abstract Task ExecuteAsync(NpgsqlConnection connection);

    /// <summary>Answers every call with what came back.</summary>
    public abstract void Complete();

    /// <summary>Answers every call with the failure.</summary>
    public void Fail(Exception failure) => Calls.ForEach(call => call.Fail(failure));
}
