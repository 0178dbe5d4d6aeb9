namespace Eventide.Sidecar.Components;

/// <summary>
/// What the sidecars of one process share: a broker or database file that may be open only once is opened by the first sidecar that needs it and closed
/// with the last. Thread-safe.
/// </summary>
internal sealed class SharedComponents
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (IAsyncDisposable Instance, int Users)> _instances = new(StringComparer.Ordinal);

    /// <summary>The instance under <paramref name="key"/>, made by <paramref name="create"/> for the first user.</summary>
    public T Rent<T>(string key, Func<T> create) where T : class, IAsyncDisposable
    {
        lock (_lock)
        {
            var (instance, users) = _instances.TryGetValue(key, out var found) ? found : (create(), 0);
            _instances[key] = (instance, users + 1);
            return (T)instance;
        }
    }

    /// <summary>Gives the instance back; the last user closes it.</summary>
    public ValueTask ReturnAsync(string key)
    {
        IAsyncDisposable closing;
        lock (_lock)
        {
            var (instance, users) = _instances[key];
            if (users > 1)
            {
                _instances[key] = (instance, users - 1);
                return ValueTask.CompletedTask;
            }

            _instances.Remove(key);
            closing = instance;
        }

        return closing.DisposeAsync();
    }
}
