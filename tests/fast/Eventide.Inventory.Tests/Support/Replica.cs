using System.Text.Json;
using Dapr;
using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Inventory.Tests.Support;

/// <summary>One process of the service, on a store and a broker that tests control.</summary>
internal sealed class Replica(Simulation simulation, IStateAccess state, IEventPublisher publisher, IReadOnlyDictionary<string, int> stock)
{
    private readonly ServiceProvider _services = new ServiceCollection()
        .AddLogging()
        .AddSingleton<TimeProvider>(simulation.Time)
        .AddSingleton(simulation.Random)
        .AddSingleton(new ServiceIdentity("inventory"))
        .AddSingleton(state)
        .AddSingleton(publisher)
        .AddSingleton<DocumentStore>()
        .AddSingleton<FailedDeliveries>()
        .AddSingleton<EventDispatcher>()
        .AddInventory(new ConfigurationBuilder().Build())
        .AddSingleton(new InitialStock(stock))
        .BuildServiceProvider();

    public StockLevels Stock => _services.GetRequiredService<StockLevels>();

    /// <summary>Delivers a message once.</summary>
    public Task<DeliveryStatus> DeliverAsync<TEvent>(TEvent message, CancellationToken cancellationToken = default) where TEvent : IOrderEvent =>
        _services.GetRequiredService<EventDispatcher>().DispatchAsync(
            new Delivery(TEvent.Topic, OrderIds.Event(message), TEvent.Type, JsonSerializer.SerializeToElement(message, EventHandlingExtensions.Json)),
            cancellationToken);
}

/// <summary>Keeps what was published; fails as often as it is told to.</summary>
internal sealed class RecordingPublisher(Simulation simulation) : IEventPublisher
{
    public double FaultRate { get; set; }

    public List<object> Published { get; } = [];

    /// <summary>When each of them says that it happened; null: when it was published.</summary>
    public List<DateTimeOffset?> Times { get; } = [];

    public async Task PublishAsync<TEvent>(TEvent message, CancellationToken cancellationToken, DateTimeOffset? occurredAt = null) where TEvent : IEvent
    {
        await simulation.Later(TimeSpan.FromMilliseconds(20), cancellationToken);
        Published.Add(message);
        Times.Add(occurredAt);
        if (simulation.Random.NextDouble() < FaultRate)
        {
            throw new DaprException("the broker may have the event");
        }
    }

    public IReadOnlyList<TEvent> Of<TEvent>(string orderId) where TEvent : IOrderEvent => [.. Published.OfType<TEvent>().Where(message => message.OrderId == orderId)];
}
