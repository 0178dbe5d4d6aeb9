using Eventide.Contracts;

namespace Eventide.Inventory.Domain;

/// <summary>How far the reservation of an order has come. The numbers are stored: append only.</summary>
public enum ReservationState
{
    /// <summary>Some of its lines may be reserved.</summary>
    Reserving = 0,

    /// <summary>All of its lines are reserved.</summary>
    Reserved = 1,

    /// <summary>Refused: nothing is reserved, now and later.</summary>
    Rejected = 2,

    /// <summary>All of its lines are sold.</summary>
    Sold = 3,

    /// <summary>The lines are being given back.</summary>
    Releasing = 4,

    /// <summary>Undone, or undone before it was asked for: nothing is reserved, now and later.</summary>
    Released = 5,

    /// <summary>A line is out of stock; the others are being given back.</summary>
    Rejecting = 6,
}

/// <summary>
/// The reservation of one order. It changes before any SKU does and names its lines, so that whoever comes next finds every SKU that may have been touched. What
/// was answered is kept and answered again. Pure: every change returns a new value, or the same instance when nothing changes.
/// </summary>
/// <param name="Lines">One per SKU, in the order of the SKUs.</param>
/// <param name="NotAfter">The end of the request; null when only its undo has been seen.</param>
/// <param name="Refusal">Why it was refused.</param>
/// <param name="Levels">The levels that the answer to the request carries; null before it is answered.</param>
/// <param name="ReleasedLevels">The levels that the answer to the undo carries; null before it is answered.</param>
/// <param name="AnsweredAt">When the request was answered; null before, and when only its undo has been seen.</param>
public sealed record Reservation(
    string OrderId, ReservationState State, IReadOnlyList<OrderLine> Lines, DateTimeOffset? NotAfter, string? Refusal = null,
    IReadOnlyList<StockAvailable>? Levels = null, IReadOnlyList<StockAvailable>? ReleasedLevels = null, DateTimeOffset? AnsweredAt = null)
{
    private const string TooLate = "the request came too late";
    private const string UndoneFirst = "the order was cancelled";

    public static string Key(string orderId) => $"reservation/{orderId}";

    /// <summary>Begins to reserve, or refuses a request that has expired.</summary>
    public static Reservation Begin(OrderCreated request, DateTimeOffset now) => now > request.NotAfter
        ? new Reservation(request.OrderId, ReservationState.Rejected, Merge(request.Lines), request.NotAfter, TooLate, [], AnsweredAt: now)
        : new Reservation(request.OrderId, ReservationState.Reserving, Merge(request.Lines), request.NotAfter);

    /// <summary>Begins to give everything back, whatever there is. Idempotent until it is answered.</summary>
    /// <exception cref="InvalidOperationException">The order is sold.</exception>
    public static Reservation BeginRelease(Reservation? current, StockReleaseRequested request) => current switch
    {
        null => new Reservation(request.OrderId, ReservationState.Releasing, Merge(request.Lines), null),
        { State: ReservationState.Sold } => throw new InvalidOperationException($"Order {request.OrderId} is sold and cannot be released."),
        { State: ReservationState.Releasing or ReservationState.Released } => current,
        _ => current with { State = ReservationState.Releasing },
    };

    /// <summary>Whether the answer to the request is that it is reserved; what is answered once stays the answer.</summary>
    public bool WasReserved => Levels is not null && Refusal is null;

    /// <summary>The answer to the request when it was refused.</summary>
    public string RefusalReason => Refusal ?? UndoneFirst;

    /// <summary>Every line is reserved.</summary>
    public Reservation Reserve(IReadOnlyList<StockAvailable> levels, DateTimeOffset now) =>
        State == ReservationState.Reserving ? this with { State = ReservationState.Reserved, Levels = levels, AnsweredAt = now } : this;

    /// <summary>
    /// Decides that it is refused. Nothing is given back before this stands: a duplicate of the request may have found the stock in between, and then the order is
    /// reserved.
    /// </summary>
    public Reservation BeginReject(string refusal) =>
        State == ReservationState.Reserving ? this with { State = ReservationState.Rejecting, Refusal = refusal } : this;

    /// <summary>Everything is given back.</summary>
    public Reservation Reject(IReadOnlyList<StockAvailable> levels, DateTimeOffset now) =>
        State == ReservationState.Rejecting ? this with { State = ReservationState.Rejected, Levels = levels, AnsweredAt = now } : this;

    /// <summary>Everything is given back.</summary>
    public Reservation Release(IReadOnlyList<StockAvailable> levels) =>
        State == ReservationState.Releasing ? this with { State = ReservationState.Released, ReleasedLevels = levels } : this;

    /// <summary>Every line is sold.</summary>
    public Reservation Sell() => State == ReservationState.Reserved ? this with { State = ReservationState.Sold } : this;

    /// <summary>How long the record has to be kept: what binds for ever, refusals and undos somewhat longer than the request can arrive.</summary>
    public TimeSpan? TimeToLive(DateTimeOffset now) =>
        State is ReservationState.Rejected or ReservationState.Released ? RequestLifetime.OfRefusal(NotAfter, now) : null;

    private static List<OrderLine> Merge(IReadOnlyList<OrderLine> lines) =>
    [
        .. lines.GroupBy(line => line.Sku, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.First() with { Quantity = checked(group.Sum(line => line.Quantity)) }),
    ];
}
