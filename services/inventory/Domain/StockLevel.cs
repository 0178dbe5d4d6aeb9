using Eventide.Contracts;

namespace Eventide.Inventory.Domain;

/// <summary>The stock of one SKU. Pure: every change returns a new value, or the same instance when it was done before.</summary>
/// <remarks>available ≥ 0 and available + reserved + sold = initial hold in every version of this document.</remarks>
public sealed record StockLevel(string Sku, int Initial, int Available, int Reserved, int Sold, int Version, IReadOnlyDictionary<string, StockMark> Marks)
{
    /// <summary>So long a finished mark stays: longer than a handler that has not seen it can still be at work (<see cref="HandlerDeadline"/>).</summary>
    public static readonly TimeSpan MarkRetention = TimeSpan.FromMinutes(3);

    public static string Key(string sku) => $"stock/{sku}";

    public static StockLevel Of(string sku, int initial) => new(sku, initial, initial, 0, 0, 0, new Dictionary<string, StockMark>());

    /// <summary>What others are told.</summary>
    public StockAvailable ToAvailable() => new(Sku, Available, Version);

    /// <summary>Whether the order's reservation stands.</summary>
    public bool IsReservedFor(string orderId) => Marks.TryGetValue(orderId, out var mark) && mark.State == MarkState.Reserved;

    /// <summary>Reserves for the order if there is enough; unchanged when there is not, or when the order left a mark already.</summary>
    public StockLevel Reserve(string orderId, int quantity, DateTimeOffset now) =>
        Marks.ContainsKey(orderId) || Available < quantity
            ? this
            : With(orderId, new StockMark(quantity, MarkState.Reserved, now)) with { Available = Available - quantity, Reserved = Reserved + quantity };

    /// <summary>Turns the order's reservation into a sale; without one it leaves a mark, so that a late reservation changes nothing.</summary>
    public StockLevel Sell(string orderId, DateTimeOffset now) => Finish(orderId, MarkState.Sold, now) is var (next, quantity)
        ? next with { Reserved = Reserved - quantity, Sold = Sold + quantity }
        : this;

    /// <summary>Gives the order's reservation back; without one it leaves a mark, so that a late reservation changes nothing.</summary>
    public StockLevel Release(string orderId, DateTimeOffset now) => Finish(orderId, MarkState.Released, now) is var (next, quantity)
        ? next with { Available = Available + quantity, Reserved = Reserved - quantity }
        : this;

    /// <summary>Without the marks that have done their service. Not a change of its own: no new version.</summary>
    public StockLevel WithoutOldMarks(DateTimeOffset now)
    {
        bool IsNeeded(StockMark mark) => mark.State == MarkState.Reserved || now - mark.Time < MarkRetention;
        return Marks.Values.All(IsNeeded)
            ? this
            : this with { Marks = Marks.Where(entry => IsNeeded(entry.Value)).ToDictionary(entry => entry.Key, entry => entry.Value) };
    }

    private (StockLevel Next, int Quantity)? Finish(string orderId, MarkState state, DateTimeOffset now)
    {
        if (!Marks.TryGetValue(orderId, out var mark))
        {
            return (With(orderId, new StockMark(0, state, now)), 0);
        }

        return mark.State == MarkState.Reserved ? (With(orderId, mark with { State = state, Time = now }), mark.Quantity) : null;
    }

    private StockLevel With(string orderId, StockMark mark) =>
        this with { Marks = new Dictionary<string, StockMark>(Marks) { [orderId] = mark }, Version = Version + 1 };
}
