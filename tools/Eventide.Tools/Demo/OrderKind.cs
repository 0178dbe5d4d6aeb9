using Eventide.Tools.Shops;

namespace Eventide.Tools.Demo;

/// <summary>What happens to an order of the demo.</summary>
internal enum OrderKind
{
    Plain,
    OutOfStock,
    LastPieces,
    Declined,
    NotDeliverable,
    CancelledMidway,
    SubmittedTwice,
}

/// <summary>What is known about a kind beforehand.</summary>
internal static class OrderKinds
{
    /// <summary>How the order has to end; null when that depends on who is faster.</summary>
    public static string? ExpectedEnd(this OrderKind kind) => kind switch
    {
        OrderKind.Plain or OrderKind.SubmittedTwice => OrderView.Confirmed,
        OrderKind.OutOfStock or OrderKind.Declined or OrderKind.NotDeliverable => OrderView.Cancelled,
        _ => null,
    };

    public static string Description(this OrderKind kind) => kind switch
    {
        OrderKind.Plain => "nothing speaks against it",
        OrderKind.OutOfStock => "there is not enough in stock",
        OrderKind.LastPieces => "it is about the last pieces",
        OrderKind.Declined => "its payment is declined",
        OrderKind.NotDeliverable => "the carrier does not serve the country",
        OrderKind.CancelledMidway => "the customer cancels midway",
        _ => "it was submitted twice, which is one order that nothing speaks against",
    };
}
