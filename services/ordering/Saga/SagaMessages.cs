using Eventide.Ordering.Domain;

namespace Eventide.Ordering.Saga;

/// <summary>Where the order document says that the saga is.</summary>
/// <param name="Awaited">The steps that are asked for and not decided; empty at the end.</param>
internal sealed record SagaPosition(string State, int Version, IReadOnlyList<SagaStep> Awaited)
{
    public static SagaPosition Of(Order order) => new(order.State.ToString(), order.Version, order.Awaited);
}

/// <summary>What the saga finds when it starts or starts again.</summary>
/// <param name="RepeatAfter">A request without an answer is sent again after this time.</param>
/// <param name="Rounds">So many times a step that can be abandoned is waited for.</param>
internal sealed record SagaStart(SagaPosition Position, TimeSpan RepeatAfter, int Rounds);

/// <summary>A step of an order.</summary>
internal sealed record StepRequest(string OrderId, SagaStep Step);

/// <summary>A participant's answer, raised as the event that has the name of its step; or what the saga itself says when it does not wait any longer.</summary>
/// <param name="CausedBy">The event that brought it; null when none did.</param>
internal sealed record StepReply(StepResult Result, string? Reason = null, string? CausedBy = null);

/// <summary>What the workflow would like the verdict of a step to be.</summary>
internal sealed record Proposal(string OrderId, SagaStep Step, StepReply Reply);
