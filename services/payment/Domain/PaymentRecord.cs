namespace Eventide.Payment.Domain;

/// <summary>How far the payment of an order has come.</summary>
public enum PaymentState
{
    /// <summary>The provider may have been asked; its answer is not written down yet.</summary>
    Intent,

    Captured,
    Declined,

    /// <summary>Undone, or refused before it was done: nothing will be captured any more.</summary>
    Refunded,
}

/// <summary>The payment of one order. What was answered is answered again, so a capture that was refunded later is still a capture.</summary>
/// <param name="Reason">Why nothing was captured; null when something was, or when it is not known yet.</param>
public sealed record PaymentRecord(string OrderId, PaymentState State, decimal Amount, string? Reason)
{
    public static string Key(string orderId) => $"payment/{orderId}";

    /// <summary>Whether the answer to the request is that it was captured.</summary>
    public bool WasCaptured => State == PaymentState.Captured || (State == PaymentState.Refunded && Reason is null);

    /// <summary>What the provider knows the payment by.</summary>
    public static string ProviderKey(string orderId) => $"{orderId}/payment";
}
