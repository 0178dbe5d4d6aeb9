using Npgsql;
using NpgsqlTypes;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>Operations on one table that are done together or not at all.</summary>
internal sealed class PendingWrite(PostgreSqlTable table, IReadOnlyList<StateOperation> operations) : PendingCall
{
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PostgreSqlTable Table => table;

    public IReadOnlyList<StateOperation> Operations => operations;

    /// <summary>The outcome.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Whether a mismatch of one operation has to undo another one.</summary>
    public bool NeedsTransaction { get; } = operations.Count > 1 && operations.Any(IsConditional);

    /// <summary>Whether the operation depends on what is there.</summary>
    public static bool IsConditional(StateOperation operation) => !string.IsNullOrEmpty(operation.ETag) || operation is StateSet { FirstWrite: true };

    /// <summary>Answers with success, or a mismatch at that key.</summary>
    public void Complete(string? mismatch)
    {
        if (mismatch is null)
        {
            _completion.TrySetResult();
        }
        else
        {
            _completion.TrySetException(new ETagMismatchException(mismatch));
        }
    }

    /// <inheritdoc/>
    public override void Fail(Exception failure) => _completion.TrySetException(failure);
}

/// <summary>
/// Writes together: one round trip, one commit. What is written whatever is there becomes one statement per table; what has a condition, one each, and those
/// that fail theirs change nothing. So no call can undo another's; only a write of several with conditions goes alone. Not thread-safe.
/// </summary>
internal sealed class WriteBatch : StatementBatch<PendingWrite>
{
    // Bounds how long the first waits for the others.
    private const int MaxOperations = 512;
    private const long MaxBytes = 8 * 1024 * 1024;

    private readonly Dictionary<(PostgreSqlTable Table, string Key), StateOperation> _unconditional = [];
    private readonly HashSet<(PostgreSqlTable Table, string Key)> _conditionalKeys = [];
    private readonly List<(PendingWrite Call, StateOperation Operation)> _conditional = [];
    private readonly Dictionary<PendingWrite, string> _mismatches = [];
    private int _operations;
    private long _bytes;

    private bool IsTransaction => Calls is [{ NeedsTransaction: true }];

    /// <inheritdoc/>
    public override bool TryAdd(PendingWrite call)
    {
        var bytes = call.Operations.Sum(operation => operation is StateSet set ? set.Value.Length : 0L);
        if (Calls.Count > 0
            && (call.NeedsTransaction || IsTransaction || _operations + call.Operations.Count > MaxOperations || _bytes + bytes > MaxBytes || !IsIndependent(call)))
        {
            return false;
        }

        Calls.Add(call);
        (_operations, _bytes) = (_operations + call.Operations.Count, _bytes + bytes);
        foreach (var operation in call.Operations)
        {
            if (call.NeedsTransaction || PendingWrite.IsConditional(operation))
            {
                _conditional.Add((call, operation));
                _conditionalKeys.Add((call.Table, operation.Key));
            }
            else
            {
                // Of one call, the last operation on a key counts.
                _unconditional[(call.Table, operation.Key)] = operation;
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public override async Task ExecuteAsync(NpgsqlConnection connection)
    {
        _mismatches.Clear();
        await using var transaction = IsTransaction ? await connection.BeginTransactionAsync() : null;
        await using var batch = new NpgsqlBatch(connection, transaction);
        var expected = new List<(PendingWrite Call, StateOperation Operation, NpgsqlBatchCommand Command)>();
        foreach (var (call, operation) in _conditional)
        {
            var command = Conditional(call.Table, operation);
            batch.BatchCommands.Add(command);
            if (PendingWrite.IsConditional(operation))
            {
                expected.Add((call, operation, command));
            }
        }

        AddUnconditional(batch);
        await batch.ExecuteNonQueryAsync();
        foreach (var (call, operation, _) in expected.Where(entry => entry.Command.RecordsAffected != 1))
        {
            _mismatches.TryAdd(call, operation.Key);
        }

        if (transaction is not null)
        {
            await (_mismatches.Count > 0 ? transaction.RollbackAsync() : transaction.CommitAsync());
        }
    }

    /// <inheritdoc/>
    public override void Complete() => Calls.ForEach(call => call.Complete(_mismatches.GetValueOrDefault(call)));

    // Statements with conditions run in their order and may meet at a key; what is gathered into one statement has no order.
    private bool IsIndependent(PendingWrite call) => call.Operations.All(operation =>
        !_unconditional.ContainsKey((call.Table, operation.Key))
        && (PendingWrite.IsConditional(operation) || !_conditionalKeys.Contains((call.Table, operation.Key))));

    private void AddUnconditional(NpgsqlBatch batch)
    {
        foreach (var table in _unconditional.GroupBy(entry => entry.Key.Table))
        {
            // In one order everywhere, so that no two processes wait for each other's rows.
            var operations = table.Select(entry => entry.Value).OrderBy(operation => operation.Key, StringComparer.Ordinal).ToList();
            var sets = operations.OfType<StateSet>().ToList();
            if (sets.Count > 0)
            {
                batch.BatchCommands.Add(Upsert(table.Key, sets));
            }

            string[] deletes = [.. operations.OfType<StateDelete>().Select(delete => delete.Key)];
            if (deletes.Length > 0)
            {
                batch.BatchCommands.Add(Command(table.Key.Delete, new NpgsqlParameter<string[]> { TypedValue = deletes }));
            }
        }
    }

    private static NpgsqlBatchCommand Upsert(PostgreSqlTable table, IReadOnlyList<StateSet> sets) => Command(
        table.Upsert,
        new NpgsqlParameter<string[]> { TypedValue = [.. sets.Select(set => set.Key)] },
        new NpgsqlParameter<ReadOnlyMemory<byte>[]> { TypedValue = [.. sets.Select(set => set.Value)], NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea },
        new NpgsqlParameter<double?[]> { TypedValue = [.. sets.Select(set => set.TimeToLive?.TotalSeconds)] });

    private static NpgsqlBatchCommand Conditional(PostgreSqlTable table, StateOperation operation)
    {
        var key = new NpgsqlParameter<string> { TypedValue = operation.Key };

        // What is no UUID is no ETag of this table: it matches nothing, as in daprd.
        var etag = new NpgsqlParameter<Guid> { TypedValue = Guid.TryParse(operation.ETag, out var parsed) ? parsed : Guid.Empty };
        return operation switch
        {
            StateSet set when !PendingWrite.IsConditional(set) => Upsert(table, [set]),
            StateSet set when string.IsNullOrEmpty(set.ETag) => Command(table.Create, key, Value(set), Seconds(set)),
            StateSet set => Command(table.Update, key, Value(set), Seconds(set), etag),
            StateDelete when string.IsNullOrEmpty(operation.ETag) => Command(table.Delete, new NpgsqlParameter<string[]> { TypedValue = [operation.Key] }),
            _ => Command(table.Remove, key, etag),
        };
    }

    private static NpgsqlParameter Value(StateSet set) => new NpgsqlParameter<ReadOnlyMemory<byte>> { TypedValue = set.Value, NpgsqlDbType = NpgsqlDbType.Bytea };

    private static NpgsqlParameter Seconds(StateSet set) =>
        new() { Value = set.TimeToLive is { } ttl ? ttl.TotalSeconds : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Double };

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }
}
