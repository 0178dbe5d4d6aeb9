using System.Text;

namespace Eventide.TestSupport.Tracing;

/// <summary>All spans of one trace. Immutable.</summary>
public sealed class Trace(string id, IReadOnlyList<ReceivedSpan> spans)
{
    private readonly Dictionary<string, ReceivedSpan> _byId = spans.DistinctBy(span => span.SpanId).ToDictionary(span => span.SpanId);

    /// <summary>The trace id.</summary>
    public string Id => id;

    /// <summary>The spans, by start.</summary>
    public IReadOnlyList<ReceivedSpan> Spans { get; } = [.. spans.OrderBy(span => span.Start)];

    /// <summary>Spans without a parent. A whole trace has one.</summary>
    public IEnumerable<ReceivedSpan> Roots => Spans.Where(span => span.ParentSpanId.Length == 0);

    /// <summary>Spans whose parent nobody exported. A whole trace has none.</summary>
    public IEnumerable<ReceivedSpan> BrokenEdges => Spans.Where(span => span.ParentSpanId.Length > 0 && !_byId.ContainsKey(span.ParentSpanId));

    /// <summary>The parent, or null.</summary>
    public ReceivedSpan? ParentOf(ReceivedSpan span) => _byId.GetValueOrDefault(span.ParentSpanId);

    /// <summary>From the span up to the root.</summary>
    public IEnumerable<ReceivedSpan> PathToRoot(ReceivedSpan span)
    {
        for (ReceivedSpan? at = span; at is not null; at = ParentOf(at))
        {
            yield return at;
        }
    }

    /// <summary>The trace as an indented tree, for messages; a broken edge is marked.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"trace {Id}\n");
        foreach (var top in Spans.Where(span => ParentOf(span) is null))
        {
            text.Append(top.ParentSpanId.Length > 0 ? $"  (parent {top.ParentSpanId} is missing)\n" : "");
            Append(text, top, 1);
        }

        return text.ToString();
    }

    private void Append(StringBuilder text, ReceivedSpan span, int depth)
    {
        text.Append(' ', depth * 2).Append(span).Append('\n');
        foreach (var child in Spans.Where(child => child.ParentSpanId == span.SpanId))
        {
            Append(text, child, depth + 1);
        }
    }
}
