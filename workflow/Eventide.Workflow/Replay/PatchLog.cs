using Eventide.Workflow.Protocol;

namespace Dapr.Workflow.Replay;

/// <summary>
/// Which patches an instance runs with. It decides once per patch: yes if history has it or the code reaches it for the first time, no if the code had passed there
/// before the patch existed. What was applied is reported each turn; the sidecar stalls an instance whose worker does not know its patches.
/// </summary>
internal sealed class PatchLog(IEnumerable<string> inHistory)
{
    private readonly HashSet<string> _inHistory = new(inHistory, StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _decided = new(StringComparer.Ordinal);

    /// <summary>The patches that were applied, in the order the code asked, repeats included: the order is what the sidecar compares.</summary>
    public List<string> Applied { get; } = [];

    public bool IsPatched(string patch, bool isReplaying)
    {
        if (!_decided.TryGetValue(patch, out var patched))
            _decided[patch] = patched = _inHistory.Contains(patch) || !isReplaying;

        if (patched)
            Applied.Add(patch);

        return patched;
    }

    /// <summary>What the response says; null when the code asked for no patch or got none.</summary>
    public WorkflowVersion? Report(string workflowName) => Applied.Count == 0 ? null : new WorkflowVersion { Name = workflowName, Patches = { Applied } };
}
