using Eventide.Scaling.Keda;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>
/// Asks RabbitMQ for the messages of each queue with a passive declaration, as KEDA's rabbitmq scaler does over AMQP: what waits is told, what consumers hold is not. Needs no
/// management plugin.
/// </summary>
internal sealed class RabbitMqBacklog(BrokerComponent broker) : IBacklogReader
{
    private readonly SemaphoreSlim _asking = new(1);
    private IConnection? _connection;
    private IChannel? _channel;

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, BacklogReading>> ReadAsync(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        await _asking.WaitAsync(cancellationToken);
        try
        {
            var readings = new Dictionary<string, BacklogReading>(StringComparer.Ordinal);
            foreach (var topic in topics)
            {
                if (await WaitingAsync($"{group}-{topic}", cancellationToken) is { } waiting)
                {
                    readings[topic] = new BacklogReading(waiting, 0);
                }
            }

            return readings;
        }
        catch (Exception failure) when (failure is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or IOException or TimeoutException)
        {
            throw new BacklogException($"RabbitMQ does not tell its queues ({failure.Message}).", failure);
        }
        finally
        {
            _asking.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_channel is { } channel)
        {
            await channel.DisposeAsync();
        }

        if (_connection is { } connection)
        {
            await connection.DisposeAsync();
        }

        _asking.Dispose();
    }

    private async Task<uint?> WaitingAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            return (await (await ChannelAsync(cancellationToken)).QueueDeclarePassiveAsync(queue, cancellationToken)).MessageCount;
        }
        catch (OperationInterruptedException missing) when (missing.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            // Nobody has subscribed yet. RabbitMQ has closed the channel over it; the next question opens another one.
            return null;
        }
    }

    private async Task<IChannel> ChannelAsync(CancellationToken cancellationToken)
    {
        if (_connection is not { IsOpen: true })
        {
            var factory = new ConnectionFactory { Uri = new Uri(broker.Required("connectionString")), ClientProvidedName = "eventide autoscale" };
            _connection = await factory.CreateConnectionAsync(cancellationToken);
        }

        return _channel is { IsOpen: true } ? _channel : _channel = await _connection.CreateChannelAsync(cancellationToken: cancellationToken);
    }
}
