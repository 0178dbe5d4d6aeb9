using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Resiliency;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>
/// Who takes messages: the app over HTTP or gRPC, or a stream that the app has opened (Dapr: pkg/runtime/subscription/postman). One call is one attempt.
/// Safe for concurrent callers.
/// </summary>
internal interface ISubscriber
{
    /// <summary>Hands over one message. Throws <see cref="DeliveryException"/> when it was not taken this time.</summary>
    Task<DeliveryResult> DeliverAsync(TopicSubscription subscription, Route route, IncomingEvent message, CancellationToken cancellationToken);

    /// <summary>Hands over many; answers one status per message: SUCCESS, RETRY or DROP. Throws <see cref="DeliveryException"/> when none was taken.</summary>
    Task<IReadOnlyList<BulkStatus>> DeliverManyAsync(
        TopicSubscription subscription, string path, IReadOnlyList<(string EntryId, IncomingEvent Message)> messages, CancellationToken cancellationToken);
}

/// <summary>How the app answered.</summary>
internal enum DeliveryResult
{
    /// <summary>Handled.</summary>
    Done,

    /// <summary>Refused for good: it belongs into the dead-letter topic.</summary>
    Dropped,
}

/// <summary>How the app answered for one message of a bulk; it says nothing about a message that it leaves out, which means <see cref="Retry"/>.</summary>
internal enum BulkStatus
{
    Success,
    Retry,
    Drop,
}

/// <summary>The app did not take a message this time.</summary>
internal sealed class DeliveryException(string message, Exception? cause = null) : Exception(message, cause), IAppAnswer, IUndecided
{
    /// <summary>
    /// A failure while delivery is being stopped, as when the app became unhealthy: the message has not had the attempts that it is due, so no broker may take it for given up.
    /// </summary>
    public static DeliveryException NotTriedToTheEnd(Exception failure) => new(failure.Message, failure) { IsUndecided = true };

    /// <inheritdoc/>
    public bool IsUndecided { get; init; }

    /// <inheritdoc/>
    public int? HttpStatus { get; init; }

    /// <inheritdoc/>
    public StatusCode? GrpcStatus { get; init; }
}
