using Eventide.Sidecar.Components.State;

namespace Eventide.Sidecar.Metrics;

/// <summary>Counts and times every attempt on a state store.</summary>
internal sealed class MeteredStateStore(IStateStore inner, string name, SidecarMetrics metrics) : IStateStore
{
    /// <inheritdoc/>
    public StateCapabilities Capabilities => inner.Capabilities;

    /// <inheritdoc/>
    public ValueTask InitializeAsync(CancellationToken cancellationToken) => inner.InitializeAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => MeasureAsync("get", inner.GetAsync(key, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) =>
        MeasureAsync("bulk_get", inner.GetManyAsync(keys, cancellationToken));

    /// <inheritdoc/>
    public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => MeasureAsync("set", inner.SetAsync(operation, cancellationToken));

    /// <inheritdoc/>
    public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => MeasureAsync("delete", inner.DeleteAsync(operation, cancellationToken));

    /// <inheritdoc/>
    public ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
        MeasureAsync("transaction", inner.TransactAsync(operations, cancellationToken));

    /// <inheritdoc/>
    public IAsyncEnumerable<StateItem> ScanAsync(string prefix, CancellationToken cancellationToken) => inner.ScanAsync(prefix, cancellationToken);

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async ValueTask<T> MeasureAsync<T>(string operation, ValueTask<T> running)
    {
        var (begin, success) = (metrics.Now(), false);
        try
        {
            var result = await running;
            success = true;
            return result;
        }
        finally
        {
            metrics.State(name, operation, success, begin);
        }
    }

    private async ValueTask MeasureAsync(string operation, ValueTask running)
    {
        var (begin, success) = (metrics.Now(), false);
        try
        {
            await running;
            success = true;
        }
        finally
        {
            metrics.State(name, operation, success, begin);
        }
    }
}
