namespace Eventide.Saga.Tests.Matrix;

/// <summary>What can go wrong at a step.</summary>
public enum Fault
{
    /// <summary>The participant says no.</summary>
    Refused,

    /// <summary>The request gets lost: for ever on the way forward, twice where it is repeated until answered.</summary>
    TimesOut,

    /// <summary>The participant fails before it has done anything.</summary>
    CrashesBefore,

    /// <summary>The participant has done everything, but could not acknowledge.</summary>
    CrashesAfter,

    /// <summary>The write of the participant's record happened, but was reported as failed.</summary>
    WriteNotAcknowledged,

    /// <summary>The participant could not publish its answer.</summary>
    AnswerNotPublished,

    /// <summary>The answer was published, but that was reported as failed.</summary>
    AnswerPublishedUnnoticed,

    /// <summary>The provider or carrier acted, but its answer got lost.</summary>
    EffectWithoutAnswer,

    /// <summary>The request is handled twice at once, and once more.</summary>
    Duplicate,

    /// <summary>The request reaches the participant when it has been undone already, or when it was repeated.</summary>
    LateRequest,

    /// <summary>The participant acted, but its answer comes when nobody waits for it any more, or after the request was repeated.</summary>
    LateReply,

    /// <summary>The customer cancels while the step is asked for.</summary>
    CustomerCancels,

    /// <summary>The customer cancels while the step is asked for, but the event that would wake the saga gets lost.</summary>
    CancellationUnnoticed,

    /// <summary>The saga's activity fails before it could say what it decided.</summary>
    DecisionNotStated,

    /// <summary>The saga's activity fails after it has said what it decided.</summary>
    DecisionStatedUnnoticed,

    /// <summary>The activity that decides runs several times, also at once and late.</summary>
    ActivityRunsAgain,

    /// <summary>The activity ran with the answer, but the turn that called it was lost and with it the answer; then the saga waits in vain.</summary>
    TurnLostAfterAnswer,

    /// <summary>The activity ran with a time-out, but the turn that called it was lost; then the saga decides by the answer.</summary>
    TurnLostAfterTimeOut,
}
