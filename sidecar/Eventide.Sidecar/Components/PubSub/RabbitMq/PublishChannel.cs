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
                window.End(RabbitMqException.Unconfirmed(settings, reason));
                return Task.CompletedTask;
            };
            if (channel.CloseReason is { } already)
            {
                window.End(RabbitMqException.Unconfirmed(settings, already));
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

    /// <summary>Writes the message; the task in the answer completes when the broker has it, at once when no confirmation is asked for.</summary>
    public async ValueTask<Task> WriteAsync(PubSubMessage message, BasicProperties properties, CancellationToken cancellationToken)
    {
        if (_declared.Add(message.Topic))
        {
            await Topology.DeclareExchangeAsync(_channel, _settings, message.Topic, cancellationToken);
        }

        var confirmed = _window?.Next() ?? Task.CompletedTask;
        await _channel.BasicPublishAsync(
            message.Topic, message.Metadata.GetValueOrDefault("routingKey") ?? "", mandatory: false, properties, message.Data, cancellationToken);
        return confirmed;
    }

    /// <summary>Fails those who wait for a confirmation.</summary>
    public void GiveUp(Exception reason) => _window?.GiveUp(reason);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _channel.DisposeAsync();
}
