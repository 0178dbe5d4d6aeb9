namespace Dapr.Workflow;

/// <summary>Where an instance stands.</summary>
public enum WorkflowRuntimeStatus
{
    /// <summary>No such instance, or a status this version does not know.</summary>
    Unknown = -1,

    /// <summary>It has started and not ended.</summary>
    Running = 0,

    /// <summary>It ended with a result.</summary>
    Completed = 1,

    /// <summary>It is starting over with a new input and an empty history.</summary>
    ContinuedAsNew = 2,

    /// <summary>It ended with an error.</summary>
    Failed = 3,

    /// <summary>It was cancelled. Dapr does not use it.</summary>
    Canceled = 4,

    /// <summary>It was ended from outside.</summary>
    Terminated = 5,

    /// <summary>It was scheduled and has not started.</summary>
    Pending = 6,

    /// <summary>It is halted from outside; what happens meanwhile is kept for it.</summary>
    Suspended = 7,

    /// <summary>No worker can continue it, because the code that is deployed does not fit its history.</summary>
    Stalled = 8,
}
