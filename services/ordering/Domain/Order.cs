using System.Text.Json.Serialization;
using Eventide.Contracts;

namespace Eventide.Ordering.Domain;

/// <summary>Where an order stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OrderState>))]
public enum OrderState
{
    New,
    Started,
    Confirmed,
    Cancelled,
}

/// <summary>
/// The order document. It arbitrates every fork of the saga: the first verdict that is written stands, whoever proposes another one later. What has to be asked
/// for next, and what must have been published, follows from it alone. Pure: every change returns a new value, or the same instance when nothing changes.
/// </summary>
public sealed record Order(
    string Id, string CustomerId, string RequestHash, IReadOnlyList<OrderLine> Lines, decimal Total, string PaymentToken, string Country, OrderState State,
    int Version, bool CancelRequested, string? Reason, DateTimeOffset CreatedAt, IReadOnlyDictionary<SagaStep, Verdict> Verdicts)
{
    /// <summary>The version of an order that was accepted; each verdict leads to the next.</summary>
    public const int FirstVersion = 1;

    /// <summary>The reason of an order that its customer cancelled.</summary>
    public const string CancelledByCustomer = "cancelled by the customer";

    private static readonly SagaStep[] Forward = [SagaStep.Stock, SagaStep.Payment, SagaStep.Shipment];
    private static readonly (SagaStep Step, SagaStep Undo)[] Undo = [(SagaStep.Payment, SagaStep.PaymentUndo), (SagaStep.Stock, SagaStep.StockUndo)];

    /// <summary>Whether it has ended.</summary>
    [JsonIgnore]
    public bool IsTerminal => State is OrderState.Confirmed or OrderState.Cancelled;

    /// <summary>A cancellation is accepted until the shipment is booked: then the stock is sold, which nobody can refuse.</summary>
    [JsonIgnore]
    public bool CanBeCancelled => CancelRequested || (!IsTerminal && Verdicts.GetValueOrDefault(SagaStep.Shipment) is not { IsDone: true });

    /// <summary>
    /// The steps that are asked for and not yet decided: one at a time on the way forward; on the way back the shipment first, because goods on the way are not
    /// for sale, then money and stock side by side, so that neither waits for the other. Empty at the end.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<SagaStep> Awaited => IsTerminal ? [] : Forward.FirstOrDefault(step => !IsDone(step), SagaStep.Sale) switch
    {
        SagaStep.Sale => IsDone(SagaStep.Sale) ? [] : [SagaStep.Sale],
        var step when !Verdicts.ContainsKey(step) => [step],
        _ when IsToUndo(SagaStep.Shipment, SagaStep.ShipmentUndo) => [SagaStep.ShipmentUndo],
        _ => [.. Undo.Where(pair => IsToUndo(pair.Step, pair.Undo)).Select(pair => pair.Undo)],
    };

    /// <summary>An order that is placed now.</summary>
    public static Order Place(
        string id, string customerId, string requestHash, IReadOnlyList<OrderLine> lines, string paymentToken, string country, DateTimeOffset now) => new(
        id, customerId, requestHash, lines, lines.Sum(line => line.Quantity * line.UnitPrice), paymentToken, country, OrderState.New, FirstVersion, false, null,
        now, new Dictionary<SagaStep, Verdict>());

    public static string Key(string id) => $"order/{id}";

    /// <summary>Begins the saga. No new version: what others learn of it is that the order exists.</summary>
    public Order Begin() => State == OrderState.New ? this with { State = OrderState.Started } : this;

    /// <summary>Asks for a cancellation, which the next decision honours.</summary>
    public Order RequestCancel() => CancelRequested || !CanBeCancelled ? this : this with { CancelRequested = true };

    /// <summary>
    /// Writes the verdict of an awaited step, and the end when it was the last one. A customer who asked to cancel wins over any proposal before the point of no
    /// return, except a refusal: then there is nothing to undo.
    /// </summary>
    public Order Decide(SagaStep step, StepResult result, string? reason)
    {
        if (!Awaited.Contains(step))
        {
            return this;
        }

        var verdict = CancelRequested && step < SagaStep.Sale && result != StepResult.Refused
            ? new Verdict(StepResult.Abandoned, CancelledByCustomer, Version + 1)
            : new Verdict(result, result == StepResult.Done ? null : reason, Version + 1);
        var next = With(step, verdict) with { Reason = Reason ?? (step < SagaStep.Sale && !verdict.IsDone ? verdict.Outcome : null) };
        return next.Awaited.Count > 0 ? next : next.End();
    }

    /// <summary>The steps that are awaited since this one was decided, so that deciding it and asking for them can be one activity.</summary>
    public IEnumerable<SagaStep> OpenedBy(SagaStep step) =>
        Awaited.Except((this with { Verdicts = Verdicts.Where(verdict => verdict.Key != step).ToDictionary() }).Awaited);

    /// <summary>Without what logs must not have, such as the payment token.</summary>
    public override string ToString() => $"order {Id} ({State}, version {Version})";

    private Order End() => IsDone(SagaStep.Sale)
        ? With(SagaStep.End, new Verdict(StepResult.Done, null, Version + 1)) with { State = OrderState.Confirmed }
        : With(SagaStep.End, new Verdict(StepResult.Refused, Reason, Version + 1)) with { State = OrderState.Cancelled };

    private Order With(SagaStep step, Verdict verdict) =>
        this with { Version = verdict.Version, Verdicts = new Dictionary<SagaStep, Verdict>(Verdicts) { [step] = verdict } };

    private bool IsDone(SagaStep step) => Verdicts.GetValueOrDefault(step) is { IsDone: true };

    private bool IsToUndo(SagaStep step, SagaStep undo) => Verdicts.GetValueOrDefault(step) is { Result: not StepResult.Refused } && !Verdicts.ContainsKey(undo);
}
