using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>A read of some keys of one table; one answer per key in their order, null where there is no live item.</summary>
internal sealed class PendingRead(PostgreSqlTable table, IReadOnlyList<string> keys) : PendingCall
{
    private readonly TaskCompletionSource<IReadOnlyList<StateItem?>> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PostgreSqlTable Table => table;

    public IReadOnlyList<string> Keys => keys;

    /// <summary>The answer.</summary>
    public Task<IReadOnlyList<StateItem?>> Completion => _completion.Task;

    /// <summary>Answers with what was found.</summary>
    public void Complete(Dictionary<string, StateItem> found) => _completion.TrySetResult(keys.Select(key => found.GetValueOrDefault(key)).ToList());

    /// <inheritdoc/>
    public override void Fail(Exception failure) => _completion.TrySetException(failure);
}

/// <summary>Reads together: one statement per table. Not thread-safe.</summary>
internal sealed class ReadBatch : StatementBatch<PendingRead>
{
    // Beyond this the answer is large enough to keep the connection busy by itself.
    private const int MaxKeys = 256;

    private readonly Dictionary<PostgreSqlTable, (HashSet<string> Wanted, Dictionary<string, StateItem> Found)> _tables = [];
    private int _keys;

    /// <inheritdoc/>
    public override bool TryAdd(PendingRead call)
    {
        if (_keys > 0 && _keys + call.Keys.Count > MaxKeys)
        {
            return false;
        }

        if (!_tables.TryGetValue(call.Table, out var table))
        {
            _tables[call.Table] = table = (new(StringComparer.Ordinal), new(StringComparer.Ordinal));
        }

        table.Wanted.UnionWith(call.Keys);
        _keys += call.Keys.Count;
        Calls.Add(call);
        return true;
    }

    /// <inheritdoc/>
    public override async Task ExecuteAsync(NpgsqlConnection connection)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (table, (wanted, _)) in _tables)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(table.Get) { Parameters = { new NpgsqlParameter<string[]> { TypedValue = [.. wanted] } } });
        }

        await using var reader = await batch.ExecuteReaderAsync();
        foreach (var (_, found) in _tables.Values)
        {
            found.Clear();
            while (await reader.ReadAsync())
            {
                var item = PostgreSqlTable.Read(reader);
                found[item.Key] = item;
            }

            await reader.NextResultAsync();
        }
    }

    /// <inheritdoc/>
    public override void Complete() => Calls.ForEach(call => call.Complete(_tables[call.Table].Found));
}
