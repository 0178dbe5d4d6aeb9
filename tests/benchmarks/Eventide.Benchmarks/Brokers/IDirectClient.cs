namespace Eventide.Benchmarks.Brokers;

/// <summary>The broker's own client, used as its documentation says, at the durability that the component file asks for. Safe for concurrent publishers.</summary>
internal interface IDirectClient : IAsyncDisposable
{
    /// <summary>Completes when the broker has confirmed the message.</summary>
    Task PublishAsync(byte[] message, int number, CancellationToken cancellationToken);

    /// <summary>Hands each message to the handler and acknowledges it afterwards, until the client is disposed. Returns when the subscription is in place.</summary>
    Task ConsumeAsync(Action<ReadOnlyMemory<byte>> handle, CancellationToken cancellationToken);
}
