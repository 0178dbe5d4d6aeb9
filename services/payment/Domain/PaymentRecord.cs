using System.Text.Json.Serialization;
using Eventide.Contracts;

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

/// <summary>
/// The payment of one order. What was answered is answered again, so a capture that was refunded later is still a capture. Pure: every change returns a new value, or
/// the same instance when nothing changes.
/// </summary>
/// <param name="Amount">What was asked for; of a refund, what was given back.</param>
/// <param name="Reason">Why nothing was captured; null when something was, or when it is not known yet.</param>
/// <param name="AnsweredAt">When the provider's answer was written down; null before, and when there was none.</param>
public sealed record PaymentRecord(string OrderId, PaymentState State, decimal Amount, string? Reason, DateTimeOffset? AnsweredAt = null)
{
    /// <summary>Whether the answer to the request is that it was captured.</summary>
    [JsonIgnore]
    public bool WasCaptured => State == PaymentState.Captured || (State == PaymentState.Refunded && Reason is null);

    public static string Key(string orderId) => $"payment/{orderId}";

    /// <summary>What the provider knows the payment by.</summary>
    public static string ProviderKey(string orderId) => $"{orderId}/payment";

    /// <summary>A payment that the provider is about to be asked for.</summary>
    public static PaymentRecord Intend(string orderId, decimal amount) => new(orderId, PaymentState.Intent, amount, null);

    /// <summary>Writes down the provider's answer, unless the payment was undone meanwhile.</summary>
    /// <param name="declined">Why not; null when it was captured.</param>
    public PaymentRecord Answer(string? declined, DateTimeOffset now) => State == PaymentState.Intent
        ? this with { State = declined is null ? PaymentState.Captured : PaymentState.Declined, Reason = declined, AnsweredAt = now }
        : this;

    /// <summary>Writes down that the provider gave back <paramref name="amount"/> and captures nothing any more.</summary>
    /// <param name="record">Null when the undo came before the request.</param>
    public static PaymentRecord Undo(PaymentRecord? record, string orderId, decimal amount) => record switch
    {
        null => new PaymentRecord(orderId, PaymentState.Refunded, amount, "cancelled before it was requested"),
        { State: PaymentState.Refunded } => record,
        { State: PaymentState.Captured } => record with { State = PaymentState.Refunded, Amount = amount },
        _ => record with { State = PaymentState.Refunded, Amount = amount, Reason = record.Reason ?? "cancelled before it was captured" },
    };

    /// <summary>How long the record is kept: an intent and a capture for ever, a refusal and an undo longer than their request can come again.</summary>
    /// <param name="notAfter">The end of the request; null when it is not at hand.</param>
    public TimeSpan? TimeToLive(DateTimeOffset? notAfter, DateTimeOffset now) =>
        State is PaymentState.Intent or PaymentState.Captured ? null : RequestLifetime.OfRefusal(notAfter, now);
}
