namespace Eventide.Inventory.Domain;

/// <summary>What an order has done to a SKU.</summary>
public enum MarkState
{
    Reserved,
    Sold,
    Released,
}

/// <summary>One order's effect on a SKU: it makes every change recognisable, so that repeating it changes nothing.</summary>
public sealed record StockMark(int Quantity, MarkState State, DateTimeOffset Time);

/// <summary>The stock of one SKU. Pure: every change returns a new value, or the same instance when it was done before.</summary>
/// <remarks>available ≥ 0 and available + reserved + sold = initial hold in every version of this document.</remarks>
public sealed record StockLevel(string Sku, int Initial, int Available, int Reserved, int Sold, int Version, IReadOnlyDictionary<string, StockMark> Marks)
{
    /// <summary>So long a finished mark stays: longer than any duplicate of its message can be on the way while its handler still works.</summary>
    public static readonly TimeSpan MarkRetention = TimeSpan.FromMinutes(3);

    public static string Key(string sku) => $"stock/{sku}";

    public static StockLevel Of(string sku, int initial) => new(sku, initial, initial, 0, 0, 0, new Dictionary<string, StockMark>());

    /// <summary>Reserves for the order if there is enough; unchanged when there is not, or when the order left a mark already.</summary>
    public StockLevel Reserve(string orderId, int quantity, DateTimeOffset now) =>
        Marks.ContainsKey(orderId) || Available < quantity
            ? this
            : With(orderId, new StockMark(quantity, MarkState.Reserved, now), now) with { Available = Available - quantity, Reserved = Reserved + quantity };

    /// <summary>Turns the order's reservation into a sale.</summary>
    public StockLevel Sell(string orderId, DateTimeOffset now) => Marks.GetValueOrDefault(orderId) is { State: MarkState.Reserved } mark
        ? With(orderId, mark with { State = MarkState.Sold, Time = now }, now) with { Reserved = Reserved - mark.Quantity, Sold = Sold + mark.Quantity }
        : this;

    /// <summary>Gives the order's reservation back; without one it leaves a mark, so that a late reservation changes nothing.</summary>
    public StockLevel Release(string orderId, DateTimeOffset now) => Marks.GetValueOrDefault(orderId) switch
    {
        null => With(orderId, new StockMark(0, MarkState.Released, now), now),
        { State: MarkState.Reserved } mark => With(orderId, mark with { State = MarkState.Released, Time = now }, now) with
        {
            Available = Available + mark.Quantity, Reserved = Reserved - mark.Quantity,
        },
        _ => this,
    };

    private StockLevel With(string orderId, StockMark mark, DateTimeOffset now)
    {
        var marks = Marks.Where(entry => entry.Value.State == MarkState.Reserved || now - entry.Value.Time < MarkRetention)
            .ToDictionary(entry => entry.Key, entry => entry.Value);
        marks[orderId] = mark;
        return this with { Marks = marks, Version = Version + 1 };
    }
}
