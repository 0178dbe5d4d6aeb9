namespace Eventide.Tools.Evidence;

/// <summary>The steps of the saga by the names that orders show.</summary>
internal static class Steps
{
    public const string Stock = "Stock";
    public const string Payment = "Payment";
    public const string Shipment = "Shipment";
    public const string Sale = "Sale";
    public const string ShipmentUndo = "ShipmentUndo";
    public const string PaymentUndo = "PaymentUndo";
    public const string StockUndo = "StockUndo";
    public const string End = "End";

    /// <summary>The verdict of a step that did what was asked.</summary>
    public const string Done = "done";
}
