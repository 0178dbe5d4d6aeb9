namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>Where an instance stands in the actor state store: Dapr's own keys, plus one index key per unfinished instance (Dapr: pkg/actors/targets/workflow).</summary>
internal sealed class WorkflowKeys(string appId, string @namespace)
{
    private readonly string _instances = $"{appId}||dapr.internal.{@namespace}.{appId}.workflow||";

    /// <summary>Every key of every instance.</summary>
    public string AllInstances => _instances;

    /// <summary>Prefix of the index of unfinished instances. A start reads only these, so finished ones cost nothing however many there are.</summary>
    public string Unfinished { get; } = $"{appId}||eventide.unfinished-workflows||";

    public string UnfinishedInstance(string id) => Unfinished + id;

    public string Metadata(string id) => $"{_instances}{id}||metadata";

    public string CustomStatus(string id) => $"{_instances}{id}||customStatus";

    public string History(string id, int index) => $"{_instances}{id}||history-{index:D6}";

    public string Inbox(string id, int index) => $"{_instances}{id}||inbox-{index:D6}";
}
