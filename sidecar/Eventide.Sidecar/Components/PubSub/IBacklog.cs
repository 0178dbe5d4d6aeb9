namespace Eventide.Sidecar.Components.PubSub;

/// <summary>A pub/sub component that can tell what a consumer group still has to do. Brokers with tools of their own for that need not.</summary>
internal interface IBacklog
{
    /// <summary>What the group has not acknowledged; cheap enough to be asked several times a second. Zero once the component is closed.</summary>
    Backlog BacklogOf(string topic, string consumerId);
}

/// <summary>Messages that a consumer group has not acknowledged.</summary>
/// <param name="Waiting">That no handler has; those that wait for their next attempt too.</param>
/// <param name="InHand">That handlers have.</param>
internal readonly record struct Backlog(long Waiting, long InHand);
