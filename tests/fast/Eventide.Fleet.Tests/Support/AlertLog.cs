using System.Collections.Concurrent;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Fleet.Tests.Support;

/// <summary>Keeps the alerts that were published, by their ids.</summary>
internal sealed class AlertLog : ITopicObserver
{
    private readonly ConcurrentDictionary<string, string> _byId = new();

    public IReadOnlyCollection<string> Ids => [.. _byId.Keys.Order()];

    public Task ObserveAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        _byId[delivery.EventId] = delivery.Type;
        return Task.CompletedTask;
    }
}
