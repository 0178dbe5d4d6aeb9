using Eventide.Ordering.Domain;

namespace Eventide.Ordering.Saga;

/// <summary>What the saga finds when it starts or starts again.</summary>
internal sealed record SagaProgress(string OrderId, string State, bool IsTerminal, Dictionary<SagaStep, string> Verdicts, int Attempts, TimeSpan RepeatAfter);

/// <summary>A request to a participant.</summary>
internal sealed record StepRequest(string OrderId, SagaStep Step);

/// <summary>What the workflow would like the verdict of a step to be.</summary>
internal sealed record Proposal(string OrderId, SagaStep Step, string Verdict);

/// <summary>A participant's answer, raised as the event of its step.</summary>
internal sealed record StepReply(string Outcome);
