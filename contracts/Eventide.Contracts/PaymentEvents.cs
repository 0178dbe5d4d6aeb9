namespace Eventide.Contracts;

/// <summary>Capture the amount once.</summary>
/// <param name="PaymentToken">
/// The payment provider's reference to the customer's means of payment. It is worthless without the shop's own key at that provider and is no card data;
/// nevertheless whoever observes this topic keeps it out of timelines and logs.
/// </param>
public sealed record PaymentRequested(string OrderId, decimal Amount, string PaymentToken, DateTimeOffset NotAfter) : IOrderEvent, IExpiringRequest
{
    public static string Type => "eventide.payment.payment-requested.v1";

    public static string Topic => Topics.PaymentRequests;

    /// <summary>Without the token.</summary>
    public override string ToString() => $"{nameof(PaymentRequested)} {OrderId} {Amount}";
}

/// <summary>The amount is captured.</summary>
public sealed record PaymentCaptured(string OrderId, decimal Amount) : IOrderEvent
{
    public static string Type => "eventide.payment.payment-captured.v1";

    public static string Topic => Topics.Payments;
}

/// <summary>Nothing is captured.</summary>
public sealed record PaymentDeclined(string OrderId, string Reason) : IOrderEvent
{
    public static string Type => "eventide.payment.payment-declined.v1";

    public static string Topic => Topics.Payments;
}

/// <summary>Undo the payment, whether it exists or not.</summary>
public sealed record RefundRequested(string OrderId) : IOrderEvent
{
    public static string Type => "eventide.payment.refund-requested.v1";

    public static string Topic => Topics.PaymentRequests;
}

/// <summary>Nothing is captured for the order, now and later; the amount is what was given back.</summary>
public sealed record PaymentRefunded(string OrderId, decimal Amount) : IOrderEvent
{
    public static string Type => "eventide.payment.payment-refunded.v1";

    public static string Topic => Topics.Payments;
}
