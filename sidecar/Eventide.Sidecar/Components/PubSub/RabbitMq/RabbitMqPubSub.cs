using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// pubsub.rabbitmq, on the wire as Dapr's: a topic is an exchange, a consumer group of a topic is a queue (Dapr: pubsub/rabbitmq). What nobody has a queue for, the
/// broker drops; so consumers start first. No order is promised.
/// </summary>
internal sealed class RabbitMqPubSub(RabbitMqSettings settings, string appId, TimeProvider time, ILogger<RabbitMqPubSub> log) : IPubSub
{
    private readonly RabbitMqPublisher _publisher = new(settings, $"{appId}, publishing", time, log);
    private readonly RabbitMqConnection _consumers = new(settings, $"{appId}, consuming", time, log);

    /// <inheritdoc/>
    public PubSubFeatures Features => PubSubFeatures.MessageTtl;

    /// <inheritdoc/>
    public Task InitializeAsync(CancellationToken cancellationToken) => _publisher.OpenAsync(cancellationToken);

    /// <inheritdoc/>
    public Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken) => _publisher.PublishAsync(message, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken) =>
        _publisher.PublishManyAsync(messages, cancellationToken);

    /// <inheritdoc/>
    public async Task<IAsyncDisposable> SubscribeAsync(
        SubscribeRequest request, Func<PubSubMessage, CancellationToken, Task> handler, CancellationToken cancellationToken)
    {
        var subscription = new RabbitMqSubscription(settings, _consumers, request, handler, time, log);
        try
        {
            await subscription.StartAsync(cancellationToken);
            return subscription;
        }
        catch (RabbitMqException failure) when (!failure.IsTransient)
        {
            // Trying again would end in the same way.
            throw new SidecarStartException($"The subscription to topic {request.Topic} cannot start: {failure.Message}.", failure);
        }
    }

    /// <inheritdoc/>
    public Task PingAsync(CancellationToken cancellationToken) => _publisher.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _consumers.DisposeAsync();
        await _publisher.DisposeAsync();
    }
}

/// <summary>Makes <see cref="RabbitMqPubSub"/>.</summary>
internal sealed class RabbitMqPubSubFactory : IComponentFactory<IPubSub>
{
    /// <inheritdoc/>
    public string Type => "pubsub.rabbitmq";

    /// <inheritdoc/>
    public IPubSub Create(ComponentDefinition definition, ComponentContext context) => new RabbitMqPubSub(
        RabbitMqSettings.Read(definition), context.AppId, context.Time, context.Loggers.CreateLogger<RabbitMqPubSub>());
}
