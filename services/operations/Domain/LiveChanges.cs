using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.Options;

namespace Eventide.Operations.Domain;

/// <summary>
/// Events as they are seen for the first time, for whoever looks on. A reader that does not keep up is let go rather than slowing the others or filling memory.
/// Each replica passes on what it has received itself. Thread-safe.
/// </summary>
internal sealed class LiveChanges(IOptions<OperationsOptions> options)
{
    private readonly ConcurrentDictionary<Reader, bool> _readers = new();

    /// <summary>Passes an event on; never waits.</summary>
    public void Publish(TimelineEntry entry)
    {
        foreach (var reader in _readers.Keys)
        {
            if (!reader.Waiting.Writer.TryWrite(entry))
            {
                _readers.TryRemove(reader, out _);
                reader.WasTooSlow = true;
                reader.Waiting.Writer.TryComplete();
            }
        }
    }

    /// <summary>A reader that is told of everything from now on.</summary>
    public Reader Open()
    {
        var reader = new Reader(this, options.Value.StreamBuffer);
        _readers[reader] = true;
        return reader;
    }

    /// <summary>One who looks on.</summary>
    internal sealed class Reader(LiveChanges changes, int buffer) : IDisposable
    {
        internal Channel<TimelineEntry> Waiting { get; } = Channel.CreateBounded<TimelineEntry>(new BoundedChannelOptions(buffer) { SingleReader = true });

        /// <summary>Whether the end came because the buffer was full.</summary>
        public bool WasTooSlow { get; internal set; }

        /// <summary>Events until the reader is let go.</summary>
        public async IAsyncEnumerable<TimelineEntry> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await foreach (var entry in Waiting.Reader.ReadAllAsync(cancellationToken))
            {
                yield return entry;
            }
        }

        public void Dispose() => changes._readers.TryRemove(this, out _);
    }
}
