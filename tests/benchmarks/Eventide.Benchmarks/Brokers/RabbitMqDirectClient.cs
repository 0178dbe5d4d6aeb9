using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Eventide.Benchmarks.Brokers;

/// <summary>Persistent messages, a confirm for each, a durable queue, an acknowledgement for each.</summary>
internal sealed class RabbitMqDirectClient : IDirectClient
{
    private static readonly BasicProperties Persistent = new() { DeliveryMode = DeliveryModes.Persistent };
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _topic;

    private RabbitMqDirectClient(IConnection connection, IChannel channel, string topic) => (_connection, _channel, _topic) = (connection, channel, topic);

    public static async Task<IDirectClient> ConnectAsync(string address, string topic)
    {
        var connection = await new ConnectionFactory { Uri = new Uri(address), ConsumerDispatchConcurrency = MeasuredBroker.Handlers }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(new CreateChannelOptions(
            publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, consumerDispatchConcurrency: MeasuredBroker.Handlers));
        await channel.ExchangeDeclareAsync(topic, ExchangeType.Fanout, durable: true);
        await channel.QueueDeclareAsync($"direct-{topic}", durable: true, exclusive: false, autoDelete: false);
        await channel.QueueBindAsync($"direct-{topic}", topic, "");
        return new RabbitMqDirectClient(connection, channel, topic);
    }

    /// <inheritdoc/>
    public Task PublishAsync(byte[] message, int number, CancellationToken cancellationToken) =>
        _channel.BasicPublishAsync(_topic, "", mandatory: false, Persistent, message, cancellationToken).AsTask();

    /// <inheritdoc/>
    public async Task ConsumeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancellationToken)
    {
        await _channel.BasicQosAsync(0, MeasuredBroker.Handlers * 2, global: false, cancellationToken);
        var consumer = new AsyncEventingBasicConsumer(_channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            handle(delivery.Body);
            await _channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
        };
        await _channel.BasicConsumeAsync($"direct-{_topic}", autoAck: false, consumer, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
