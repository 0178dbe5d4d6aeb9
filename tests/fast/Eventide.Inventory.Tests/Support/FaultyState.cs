using System.Text.Json;
using Dapr;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults.State;

namespace Eventide.Inventory.Tests.Support;

/// <summary>
/// A store in memory that takes its time and fails as real ones do: a write may be refused, may be reported as failed although it happened, and a caller may be
/// stalled for minutes. Checks every version of every SKU document that is written.
/// </summary>
internal sealed class FaultyState(Simulation simulation) : IStateAccess
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private readonly Dictionary<string, (byte[] Value, string ETag, DateTimeOffset? Expires)> _documents = [];
    private int _etags;

    /// <summary>The share of operations that fail.</summary>
    public double FaultRate { get; set; }

    /// <summary>The share of operations that are stalled for up to five minutes.</summary>
    public double StallRate { get; set; }

    /// <summary>Called with the key after a document was written, before its writer learns of it.</summary>
    public Func<string, Task>? Written { get; set; }

    /// <summary>How often each document was written.</summary>
    public Dictionary<string, int> Writes { get; } = [];

    public async Task<Document<T>> ReadAsync<T>(string key, CancellationToken cancellationToken) where T : class
    {
        await OnTheWayAsync(cancellationToken);
        FailSometimes("the store could not be read");
        var document = Find(key) is { } found ? new Document<T>(key, JsonSerializer.Deserialize<T>(found.Value, Json), found.ETag) : Document<T>.Absent(key);
        await OnTheWayAsync(cancellationToken);
        return document;
    }

    public async Task<bool> TryWriteAsync<T>(string key, T value, string etag, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class
    {
        await OnTheWayAsync(cancellationToken);
        FailSometimes("the write did not happen");
        if ((Find(key)?.ETag ?? "") != etag)
        {
            return false;
        }

        _documents[key] = (JsonSerializer.SerializeToUtf8Bytes(value, Json), $"{++_etags}", simulation.Time.GetUtcNow() + timeToLive);
        Writes[key] = Writes.GetValueOrDefault(key) + 1;
        if (value is StockLevel level)
        {
            Check(level);
        }

        await (Written?.Invoke(key) ?? Task.CompletedTask);
        await OnTheWayAsync(cancellationToken);
        FailSometimes("the write happened, and is reported as failed");
        return simulation.Random.NextDouble() >= FaultRate;
    }

    public Task<bool> TryDeleteAsync(string key, string etag, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Inventory removes nothing.");

    public Task<IReadOnlyDictionary<string, T>> ReadManyAsync<T>(IReadOnlyList<string> keys, CancellationToken cancellationToken) where T : class =>
        throw new NotSupportedException("Inventory reads one document at a time.");

    public Task<bool> TryInsertAsync<T>(IReadOnlyList<KeyValuePair<string, T>> documents, TimeSpan? timeToLive, CancellationToken cancellationToken) where T : class =>
        throw new NotSupportedException("Inventory writes one document at a time.");

    /// <summary>What stands, without delay and faults.</summary>
    public T? Peek<T>(string key) where T : class => Find(key) is { } found ? JsonSerializer.Deserialize<T>(found.Value, Json) : null;

    /// <summary>When a document goes by itself.</summary>
    public DateTimeOffset? ExpiresAt(string key) => _documents[key].Expires;

    private static void Check(StockLevel level)
    {
        Assert.True(level.Available >= 0 && level.Reserved >= 0 && level.Sold >= 0, $"{level}");
        Assert.Equal(level.Initial, level.Available + level.Reserved + level.Sold);
        Assert.Equal(level.Reserved, level.Marks.Values.Where(mark => mark.State == MarkState.Reserved).Sum(mark => mark.Quantity));
    }

    private (byte[] Value, string ETag)? Find(string key) =>
        _documents.TryGetValue(key, out var found) && !(found.Expires <= simulation.Time.GetUtcNow()) ? (found.Value, found.ETag) : null;

    private async Task OnTheWayAsync(CancellationToken cancellationToken) => await simulation.Later(
        simulation.Random.NextDouble() < StallRate ? TimeSpan.FromMinutes(5) : TimeSpan.FromMilliseconds(20), cancellationToken);

    private void FailSometimes(string message)
    {
        if (simulation.Random.NextDouble() < FaultRate)
        {
            throw new DaprException(message);
        }
    }
}
