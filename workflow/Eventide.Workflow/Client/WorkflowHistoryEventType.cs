namespace Dapr.Workflow.Client;

/// <summary>Kinds of history events. The values are part of the public contract: append only.</summary>
public enum WorkflowHistoryEventType
{
    /// <summary>A kind that this version does not know.</summary>
    Unknown = 0,

    /// <summary>The instance was started.</summary>
    ExecutionStarted = 1,

    /// <summary>It ended.</summary>
    ExecutionCompleted = 2,

    /// <summary>It was terminated.</summary>
    ExecutionTerminated = 3,

    /// <summary>It called an activity.</summary>
    TaskScheduled = 4,

    /// <summary>An activity gave its result.</summary>
    TaskCompleted = 5,

    /// <summary>An activity failed.</summary>
    TaskFailed = 6,

    /// <summary>It called a child workflow.</summary>
    SubOrchestrationInstanceCreated = 7,

    /// <summary>A child workflow gave its result.</summary>
    SubOrchestrationInstanceCompleted = 8,

    /// <summary>A child workflow failed.</summary>
    SubOrchestrationInstanceFailed = 9,

    /// <summary>It set a timer.</summary>
    TimerCreated = 10,

    /// <summary>A timer fired.</summary>
    TimerFired = 11,

    /// <summary>A turn began.</summary>
    OrchestratorStarted = 12,

    /// <summary>A turn ended.</summary>
    OrchestratorCompleted = 13,

    /// <summary>It sent an event to another instance.</summary>
    EventSent = 14,

    /// <summary>It received an event.</summary>
    EventRaised = 15,

    /// <summary>Not used by Dapr.</summary>
    GenericEvent = 16,

    /// <summary>Not used by Dapr.</summary>
    HistoryState = 17,

    /// <summary>It started over.</summary>
    ContinueAsNew = 18,

    /// <summary>It was suspended.</summary>
    ExecutionSuspended = 19,

    /// <summary>It was resumed.</summary>
    ExecutionResumed = 20,

    /// <summary>No worker could continue it.</summary>
    ExecutionStalled = 21,
}
