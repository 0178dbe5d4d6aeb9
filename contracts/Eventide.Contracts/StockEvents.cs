namespace Eventide.Contracts;

/// <summary>What is left of a SKU. Levels travel inside the outcome that changed them; of two levels the one with the higher version is the newer.</summary>
public sealed record StockAvailable(string Sku, int Available, int Version);

/// <summary>Every line of the order is reserved.</summary>
public sealed record StockReserved(string OrderId, IReadOnlyList<StockAvailable> Levels) : IOrderEvent
{
    public static string Type => "eventide.inventory.stock-reserved.v1";

    public static string Topic => Topics.Inventory;
}

/// <summary>Nothing is reserved for the order.</summary>
public sealed record StockRejected(string OrderId, string Reason, IReadOnlyList<StockAvailable> Levels) : IOrderEvent
{
    public static string Type => "eventide.inventory.stock-rejected.v1";

    public static string Topic => Topics.Inventory;
}

/// <summary>Turn the reservation into a sale. Cannot be refused.</summary>
public sealed record StockSaleRequested(string OrderId) : IOrderEvent
{
    public static string Type => "eventide.inventory.stock-sale-requested.v1";

    public static string Topic => Topics.StockRequests;
}

/// <summary>The reservation became a sale.</summary>
public sealed record StockSold(string OrderId) : IOrderEvent
{
    public static string Type => "eventide.inventory.stock-sold.v1";

    public static string Topic => Topics.Inventory;
}

/// <summary>Undo the reservation, whether it exists or not.</summary>
public sealed record StockReleaseRequested(string OrderId, IReadOnlyList<OrderLine> Lines) : IOrderEvent
{
    public static string Type => "eventide.inventory.stock-release-requested.v1";

    public static string Topic => Topics.StockRequests;
}

/// <summary>Nothing is reserved for the order, now and later.</summary>
public sealed record StockReleased(string OrderId, IReadOnlyList<StockAvailable> Levels) : IOrderEvent
{
    public static string Type => "eventide.inventory.stock-released.v1";

    public static string Topic => Topics.Inventory;
}
