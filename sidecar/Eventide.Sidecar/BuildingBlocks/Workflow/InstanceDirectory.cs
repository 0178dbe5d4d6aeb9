using System.Collections.Concurrent;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// The instances in memory: every running one, once. An ended one is read when somebody asks for it and does not stay. Thread-safe.
/// </summary>
/// <param name="store">Where instances come from.</param>
/// <param name="resume">Called for a running instance that was read, before anyone else gets it.</param>
internal sealed class InstanceDirectory(WorkflowStore store, Action<ActiveInstance> resume)
{
    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private volatile bool _isClosed;

    /// <summary>The running instances.</summary>
    public IEnumerable<ActiveInstance> Running => _entries.Values.Select(entry => entry.Instance).OfType<ActiveInstance>();

    /// <summary>The instance, read if need be; null when there is none. Throws when the engine stops.</summary>
    public async Task<ActiveInstance?> FindAsync(string id, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_isClosed)
            {
                throw WorkflowErrors.Stopping();
            }

            var added = new Entry();
            var entry = _entries.GetOrAdd(id, added);
            if (entry == added)
            {
                await LoadAsync(id, entry, cancellationToken);
            }

            var (isKnown, instance) = await entry.Outcome.WaitAsync(cancellationToken);
            if (isKnown)
            {
                return instance;
            }
        }
    }

    /// <summary>Keeps an id to oneself, to create or remove its instance; null when the instance is in memory or somebody else has the id.</summary>
    public Reservation? TryReserve(string id)
    {
        var entry = new Entry();
        return _entries.TryAdd(id, entry) ? new Reservation(this, id, entry) : null;
    }

    /// <summary>Takes an instance out of memory; the caller holds its gate.</summary>
    public void Forget(ActiveInstance instance)
    {
        instance.Close();
        if (_entries.TryGetValue(instance.Id, out var entry) && ReferenceEquals(entry.Instance, instance))
        {
            _entries.TryRemove(new KeyValuePair<string, Entry>(instance.Id, entry));
        }
    }

    /// <summary>Takes every instance out of memory; from now on none is found.</summary>
    public async Task CloseAsync()
    {
        _isClosed = true;
        foreach (var instance in Running)
        {
            await instance.WithGateAsync(() => Forget(instance));
        }
    }

    private async Task LoadAsync(string id, Entry entry, CancellationToken cancellationToken)
    {
        try
        {
            var instance = await store.LoadAsync(id, cancellationToken) is { } stored ? new ActiveInstance(id, stored) : null;
            if (instance is { Description.HasEnded: false })
            {
                entry.Instance = instance;
                await instance.WithGateAsync(() => resume(instance));
            }
            else
            {
                Remove(id, entry);
            }

            entry.Complete(isKnown: true, instance);
        }
        catch (Exception failure)
        {
            Remove(id, entry);
            entry.Fail(failure);
        }
    }

    private void Remove(string id, Entry entry) => _entries.TryRemove(new KeyValuePair<string, Entry>(id, entry));

    /// <summary>An id that nobody else can look up until it is decided what becomes of it. Disposing it undecided lets the others look again.</summary>
    public sealed class Reservation : IDisposable
    {
        private readonly InstanceDirectory _directory;
        private readonly Entry _entry;
        private bool _isDecided;

        internal Reservation(InstanceDirectory directory, string id, object entry) => (_directory, Id, _entry) = (directory, id, (Entry)entry);

        public string Id { get; }

        /// <summary>The instance was created.</summary>
        public void Created(ActiveInstance instance)
        {
            _isDecided = true;
            _entry.Instance = instance;
            _entry.Complete(isKnown: true, instance);
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (!_isDecided)
            {
                _isDecided = true;
                _directory.Remove(Id, _entry);
                _entry.Complete(isKnown: false, null);
            }
        }
    }

    private sealed class Entry
    {
        private readonly TaskCompletionSource<(bool IsKnown, ActiveInstance? Instance)> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(bool IsKnown, ActiveInstance? Instance)> Outcome => _outcome.Task;

        /// <summary>Set for a running instance only.</summary>
        public ActiveInstance? Instance { get; set; }

        public void Complete(bool isKnown, ActiveInstance? instance) => _outcome.TrySetResult((isKnown, instance));

        public void Fail(Exception failure)
        {
            _outcome.TrySetException(failure);

            // Nobody may be waiting, and the one who loads throws it itself.
            _ = _outcome.Task.Exception;
        }
    }
}
