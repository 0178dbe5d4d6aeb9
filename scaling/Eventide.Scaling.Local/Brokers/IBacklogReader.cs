using Eventide.Scaling.Keda;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>Asks the broker of a running shop what consumer groups still have to do, as KEDA's scaler for it does. Safe for concurrent callers.</summary>
internal interface IBacklogReader : IAsyncDisposable
{
    /// <summary>One reading per topic; a topic is missing when nothing can be said about it.</summary>
    /// <exception cref="BacklogException">The broker does not answer.</exception>
    Task<IReadOnlyDictionary<string, BacklogReading>> ReadAsync(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken);
}

/// <summary>The broker could not be asked; the message says why.</summary>
internal sealed class BacklogException(string message, Exception cause) : Exception(message, cause);
