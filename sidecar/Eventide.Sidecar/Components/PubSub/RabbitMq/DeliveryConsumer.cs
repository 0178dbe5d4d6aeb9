using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>Receives what the broker sends over one channel, and tells when that has ended: with the channel, or with the queue.</summary>
internal sealed class DeliveryConsumer(IChannel channel, Func<Delivery, Task> deliver) : AsyncDefaultBasicConsumer(channel)
{
    private readonly TaskCompletionSource<string> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the reason.</summary>
    public Task<string> Ended => _ended.Task;

    /// <inheritdoc/>
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default) =>
        // The client takes its buffer back when this returns.
        deliver(new Delivery(Channel, deliveryTag, redelivered, properties, body.ToArray()));

    /// <inheritdoc/>
    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        _ended.TrySetResult("the queue was deleted");
        return base.HandleBasicCancelAsync(consumerTag, cancellationToken);
    }

    /// <inheritdoc/>
    public override Task HandleChannelShutdownAsync(object channel, ShutdownEventArgs reason)
    {
        _ended.TrySetResult(reason.ReplyText);
        return base.HandleChannelShutdownAsync(channel, reason);
    }
}

/// <summary>One message and the channel that its answer has to go over.</summary>
internal readonly record struct Delivery(IChannel Channel, ulong Tag, bool IsRedelivered, IReadOnlyBasicProperties Properties, byte[] Body);
