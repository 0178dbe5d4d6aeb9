using RabbitMQ.Client;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// A channel that only publishes, with the exchanges that were declared over it and the messages that wait for their confirmation. Not thread-safe: one writer at a
/// time; the broker's answers come from the client's own thread.
/// </summary>
internal sealed class PublishChannel : IAsyncDisposable
{
    private readonly HashSet<string> _declared = new(StringComparer.Ordinal);
    private readonly RabbitMqSettings _settings;
    private readonly ConfirmWindow? _window;
    private readonly IChannel _channel;

    private PublishChannel(RabbitMqSettings settings, IConnection connection, IChannel channel)
    {
        (_settings, Connection, _channel) = (settings, connection, channel);
        if (settings.PublisherConfirm)
        {
            var window = _window = new ConfirmWindow();
            channel.BasicAcksAsync += (_, answer) =>
            {
                window.Answer(answer.DeliveryTag, answer.Multiple, null);
                return Task.CompletedTask;
            };

            // Dapr logs a refusal and tells the publisher that all is well (Dapr: pubsub/rabbitmq/rabbitmq.go, publishSync); the message would be lost.
            channel.BasicNacksAsync += (_, answer) =>
            {
                window.Answer(answer.DeliveryTag, answer.Multiple, RabbitMqException.Rejected(settings));
                return Task.CompletedTask;
            };
            channel.ChannelShutdownAsync += (_, reason) =>
            {
                window.End(RabbitMqException.Unconfirmed(settings, reason.ReplyText));
                return Task.CompletedTask;
            };
            if (channel.CloseReason is { } already)
            {
                window.End(RabbitMqException.Unconfirmed(settings, already.ReplyText));
            }
        }
    }

    /// <summary>What it belongs to.</summary>
    public IConnection Connection { get; }

    /// <summary>Whether it can be written to.</summary>
    public bool IsOpen => _channel.IsOpen;

    public static async Task<PublishChannel> OpenAsync(RabbitMqSettings settings, IConnection connection, CancellationToken cancellationToken) => new(
        settings, connection,
        await connection.CreateChannelAsync(new CreateChannelOptions(settings.PublisherConfirm, publisherConfirmationTrackingEnabled: false), cancellationToken));

    /// <summary>
    /// Declares the exchange of a topic once, over a channel of its own: the broker closes the channel of whoever declares it otherwise than it is, and those who
    /// publish to other topics have nothing to do with that.
    /// </summary>
    public async ValueTask DeclareAsync(string topic, CancellationToken cancellationToken)
    {
        if (_declared.Contains(topic))
        {
            return;
        }

        await using var channel = await Connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await Topology.DeclareExchangeAsync(channel, _settings, topic, cancellationToken);
        _declared.Add(topic);
    }

    /// <summary>
    /// Writes a message to a declared exchange; the task in the answer completes when the broker has it, at once when no confirmation is asked for. When this throws,
    /// the broker's count of messages and ours may be apart, and the channel is of no use any more.
    /// </summary>
    public async ValueTask<Task> WriteAsync(PubSubMessage message, string routingKey, BasicProperties properties, CancellationToken cancellationToken)
    {
        var confirmed = _window?.Next() ?? Task.CompletedTask;
        await _channel.BasicPublishAsync(message.Topic, routingKey, mandatory: false, properties, message.Data, cancellationToken);
        return confirmed;
    }

    /// <summary>Fails those who wait for a confirmation.</summary>
    public void GiveUp(Exception reason) => _window?.GiveUp(reason);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        _window?.End(RabbitMqException.Unconfirmed(_settings, "the channel was closed"));
    }
}
