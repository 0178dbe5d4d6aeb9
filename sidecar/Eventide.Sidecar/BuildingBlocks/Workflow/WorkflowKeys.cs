namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Where an instance stands in the actor state store: Dapr's own keys (Dapr: pkg/actors/targets/workflow), and ours for the indexes and for events on their way.
/// </summary>
internal sealed class WorkflowKeys(string appId, string @namespace)
{
    private readonly string _instances = $"{appId}||dapr.internal.{@namespace}.{appId}.workflow||";

    /// <summary>Prefix of the index of unfinished instances. A start reads only these, so finished ones cost nothing however many there are.</summary>
    public string Unfinished { get; } = $"{appId}||eventide.unfinished-workflows||";

    /// <summary>Prefix of the index of ended instances, ordered by the time until which they are kept.</summary>
    public string Ended { get; } = $"{appId}||eventide.ended-workflows||";

    /// <summary>Prefix of the events that instances sent to others and that have not arrived.</summary>
    public string Outgoing { get; } = $"{appId}||eventide.outgoing-workflow-events||";

    public string UnfinishedInstance(string id) => Unfinished + id;

    public string EndedInstance(string id, DateTimeOffset until) => $"{Ended}{until.UtcTicks:x16}||{id}";

    /// <summary>What <see cref="EndedInstance"/> made the key of.</summary>
    public (string Id, DateTimeOffset Until) ParseEnded(string key) =>
        (key[(Ended.Length + 18)..], new DateTimeOffset(long.Parse(key.AsSpan(Ended.Length, 16), System.Globalization.NumberStyles.HexNumber), TimeSpan.Zero));

    /// <summary>A new key; later ones sort behind earlier ones.</summary>
    public string NewOutgoing() => Outgoing + Guid.CreateVersion7().ToString("N");

    public string Metadata(string id) => $"{_instances}{id}||metadata";

    public string CustomStatus(string id) => $"{_instances}{id}||customStatus";

    public string History(string id, int index) => $"{_instances}{id}||history-{index:D6}";

    public string Inbox(string id, int index) => $"{_instances}{id}||inbox-{index:D6}";
}
