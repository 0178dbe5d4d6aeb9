using System.Collections.Concurrent;

namespace Eventide.Saga.Tests.Faults;

/// <summary>The faults and the recorded events of every order of a shop. Thread-safe.</summary>
internal sealed class FaultBoard
{
    private readonly ConcurrentDictionary<string, OrderFaults> _faults = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<RecordedEvent>> _events = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _attempts = new();

    /// <summary>The faults of an order; none at first.</summary>
    public OrderFaults Of(string orderId) => _faults.GetOrAdd(orderId, _ => new OrderFaults());

    /// <summary>Everything that was published about an order, in the order in which the broker had it.</summary>
    public IReadOnlyList<RecordedEvent> EventsOf(string orderId) => [.. _events.GetOrAdd(orderId, _ => new())];

    /// <summary>The types of events about an order in the order in which their publication began. A crash can hide that it succeeded.</summary>
    public IReadOnlyList<string> AttemptsOf(string orderId) => [.. _attempts.GetOrAdd(orderId, _ => new())];

    public void RecordAttempt(string orderId, string type) => _attempts.GetOrAdd(orderId, _ => new()).Enqueue(type);

    public void Record(string orderId, RecordedEvent published) => _events.GetOrAdd(orderId, _ => new()).Enqueue(published);
}

/// <summary>An event as it was published.</summary>
/// <param name="Version">Of facts about the order.</param>
/// <param name="Republish">Publishes it once more, as it was.</param>
internal sealed record RecordedEvent(string Id, string Type, string Topic, int? Version, string Json, Func<Task> Republish);
