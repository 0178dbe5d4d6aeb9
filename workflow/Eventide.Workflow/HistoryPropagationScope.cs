namespace Dapr.Workflow;

/// <summary>How much history a workflow hands to the activity or child workflow it calls.</summary>
public enum HistoryPropagationScope
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Its own.</summary>
    OwnHistory = 1,

    /// <summary>Its own, and that of its ancestors.</summary>
    Lineage = 2,
}
