namespace Eventide.Sidecar.Tests.Support;

/// <summary>How a table of docs/brokers.md words a behaviour.</summary>
[AttributeUsage(AttributeTargets.Field)]
public sealed class RowAttribute(string title) : Attribute
{
    public string Title => title;
}
