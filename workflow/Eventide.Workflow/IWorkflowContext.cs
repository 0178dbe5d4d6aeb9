namespace Dapr.Workflow;

/// <summary>What code that serves several kinds of workflow context may rely on.</summary>
public interface IWorkflowContext
{
    /// <summary>Whether the code runs over what already happened.</summary>
    bool IsReplaying { get; }

    /// <summary>Whether this instance takes the patched path; see <see cref="WorkflowContext.IsPatched"/>.</summary>
    bool IsPatched(string patchName);

    /// <summary>The instance's clock.</summary>
    DateTime CurrentUtcDateTime { get; }
}
