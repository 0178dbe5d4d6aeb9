using System.Text.Json.Serialization;

namespace Eventide.Ordering.Domain;

/// <summary>The steps of the saga that somebody answers, and its end. The names are part of stored documents and of the saga's event names.</summary>
public enum SagaStep
{
    Stock,
    Payment,
    Shipment,

    /// <summary>The point of no return: the sale cannot be refused.</summary>
    Sale,

    ShipmentUndo,
    PaymentUndo,
    StockUndo,
    End,
}

/// <summary>What became of a step.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<StepResult>))]
public enum StepResult
{
    /// <summary>What was asked for is in effect.</summary>
    Done,

    /// <summary>The participant said no: nothing is in effect, and nothing will be.</summary>
    Refused,

    /// <summary>Nobody waits for the answer any more: it may be in effect, now or later, and has to be undone.</summary>
    Abandoned,
}

/// <summary>What was decided about a step.</summary>
/// <param name="Reason">Why not; null for <see cref="StepResult.Done"/>.</param>
/// <param name="Version">The version of the order that the decision led to.</param>
public sealed record Verdict(StepResult Result, string? Reason, int Version)
{
    /// <summary>How the verdict of a step that did what was asked is shown.</summary>
    public const string Done = "done";

    public bool IsDone => Result == StepResult.Done;

    /// <summary>"done", or why not.</summary>
    public string Outcome => IsDone ? Done : Reason ?? "refused";
}
