namespace Eventide.TestSupport.Tracing;

/// <summary>A span as some process exported it. Ids are lower-case hex.</summary>
/// <param name="ParentSpanId">Empty for the root of a trace.</param>
/// <param name="Kind">OTLP's number: 1 internal, 2 server, 3 client, 4 producer, 5 consumer.</param>
/// <param name="Scope">The instrumentation that made it.</param>
/// <param name="Resource">The attributes of the process that exported it.</param>
public sealed record ReceivedSpan(
    string TraceId, string SpanId, string ParentSpanId, string Name, int Kind, string Scope, DateTimeOffset Start, DateTimeOffset End,
    IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string> Resource)
{
    /// <summary>The resource attribute service.name.</summary>
    public string Service => Resource.GetValueOrDefault("service.name", "");

    /// <summary>Whether a sidecar exported it; an app and its sidecar have the same service name.</summary>
    public bool IsFromSidecar => Resource.GetValueOrDefault("eventide.role") == "sidecar";

    /// <inheritdoc/>
    public override string ToString() => $"{Service}{(IsFromSidecar ? " (sidecar)" : "")}: {Name} [{SpanId}]";
}
