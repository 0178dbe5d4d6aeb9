namespace Eventide.Sidecar.Components.PubSub;

/// <summary>
/// Carried by a handler's exception: neither the app nor the inbound policy has given the message up, so that even a component that acknowledges what was
/// refused has to bring it again.
/// </summary>
internal interface IUndecided
{
    /// <summary>Whether the message has to come again.</summary>
    bool IsUndecided { get; }
}

/// <summary>The app gave the message up, and the broker did not take the dead letter.</summary>
internal sealed class DeadLetterException(string topic, Exception cause) : Exception($"the dead letter could not be published to {topic}: {cause.Message}", cause), IUndecided
{
    /// <inheritdoc/>
    public bool IsUndecided => true;
}
