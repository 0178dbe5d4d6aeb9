using Eventide.Contracts;

namespace Eventide.Ordering.Domain;

/// <summary>Where an order stands.</summary>
public enum OrderState
{
    New,
    Started,
    Confirmed,
    Cancelled,
}

/// <summary>The forks and ends of the saga, in the order in which they can be reached.</summary>
public enum SagaStep
{
    Stock,
    Payment,
    Shipment,
    Sale,
    ShipmentUndo,
    PaymentUndo,
    StockUndo,
    End,
}

/// <summary>What was decided about a step.</summary>
/// <param name="Outcome"><see cref="Order.Done"/>, or why not.</param>
/// <param name="Version">The version of the order that the decision led to.</param>
public sealed record Verdict(string Outcome, int Version)
{
    public bool IsDone => Outcome == Order.Done;
}

/// <summary>
/// The order document. It arbitrates every fork of the saga: the first verdict that is written stands, whoever proposes another one later. Pure: every change
/// returns a new value, or the same instance when nothing changes.
/// </summary>
public sealed record Order(
    string Id, string CustomerId, string RequestHash, IReadOnlyList<OrderLine> Lines, decimal Total, string PaymentToken, string Country, OrderState State,
    int Version, bool CancelRequested, string? Reason, DateTimeOffset CreatedAt, IReadOnlyDictionary<SagaStep, Verdict> Verdicts)
{
    /// <summary>The verdict of a step that did what was asked.</summary>
    public const string Done = "done";

    /// <summary>An order that is placed now.</summary>
    public static Order Place(
        string id, string customerId, string requestHash, IReadOnlyList<OrderLine> lines, string paymentToken, string country, DateTimeOffset now) => new(
        id, customerId, requestHash, lines, lines.Sum(line => line.Quantity * line.UnitPrice), paymentToken, country, OrderState.New, 1, false, null, now,
        new Dictionary<SagaStep, Verdict>());

    public static string Key(string id) => $"order/{id}";

    /// <summary>Whether it has ended.</summary>
    public bool IsTerminal => State is OrderState.Confirmed or OrderState.Cancelled;

    /// <summary>A cancellation is accepted until the stock is to be sold.</summary>
    public bool CanBeCancelled => !IsTerminal && !Verdicts.ContainsKey(SagaStep.Shipment) || CancelRequested;

    /// <summary>Begins the saga. No new version: what others learn of it is that the order exists.</summary>
    public Order Begin() => State == OrderState.New ? this with { State = OrderState.Started } : this;

    /// <summary>Asks for a cancellation.</summary>
    public Order RequestCancel() => CancelRequested || !CanBeCancelled ? this : this with { CancelRequested = true };

    /// <summary>Writes the verdict of a step unless there is one. A customer who asked to cancel wins over any proposal before the point of no return.</summary>
    public Order Decide(SagaStep step, string proposal)
    {
        if (Verdicts.ContainsKey(step) || IsTerminal)
        {
            return this;
        }

        var cancelled = CancelRequested && step <= SagaStep.Shipment;
        var verdict = new Verdict(cancelled ? "cancelled by the customer" : proposal, Version + 1);
        var next = this with { Version = verdict.Version, Verdicts = new Dictionary<SagaStep, Verdict>(Verdicts) { [step] = verdict } };
        return step switch
        {
            SagaStep.End => next with { State = verdict.IsDone ? OrderState.Confirmed : OrderState.Cancelled },
            <= SagaStep.Shipment when !verdict.IsDone => next with { Reason = Reason ?? verdict.Outcome },
            _ => next,
        };
    }
}
