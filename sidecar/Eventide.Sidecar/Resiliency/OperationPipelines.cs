using Polly;

namespace Eventide.Sidecar.Resiliency;

/// <summary>The pipelines of one app, one per operation because each has a breaker of its own; the least recently used make room. Thread-safe.</summary>
internal sealed class OperationPipelines(int capacity, Func<string, ResiliencePipeline> build)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, LinkedListNode<(string Operation, ResiliencePipeline Pipeline)>> _byOperation = new(StringComparer.Ordinal);
    private readonly LinkedList<(string Operation, ResiliencePipeline Pipeline)> _recent = new();

    /// <summary>The pipeline of the operation, with the breaker that earlier calls have used.</summary>
    public ResiliencePipeline For(string operation)
    {
        lock (_lock)
        {
            if (_byOperation.TryGetValue(operation, out var found))
            {
                _recent.Remove(found);
                _recent.AddFirst(found);
                return found.Value.Pipeline;
            }

            if (_byOperation.Count == capacity)
            {
                _byOperation.Remove(_recent.Last!.Value.Operation);
                _recent.RemoveLast();
            }

            var made = _recent.AddFirst((operation, build(operation)));
            _byOperation.Add(operation, made);
            return made.Value.Pipeline;
        }
    }
}
