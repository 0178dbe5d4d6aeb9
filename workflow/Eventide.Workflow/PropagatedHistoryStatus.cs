namespace Dapr.Workflow;

/// <summary>Where a call of an ancestor stood when its history was handed on.</summary>
public enum PropagatedHistoryStatus
{
    /// <summary>It had no outcome yet.</summary>
    Pending = 0,

    /// <summary>It had a result.</summary>
    Completed = 1,

    /// <summary>It had failed.</summary>
    Failed = 2,
}
