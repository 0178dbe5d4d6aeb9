namespace Eventide.ServiceDefaults.Messaging;

/// <summary>The message that the current call handles, so that what it publishes can name its cause. Flows with the call, and no further up.</summary>
public static class MessageInHand
{
    private static readonly AsyncLocal<string?> Current = new();

    /// <summary>Its event id; null outside of a delivery.</summary>
    public static string? EventId
    {
        get => Current.Value;
        set => Current.Value = value;
    }
}
