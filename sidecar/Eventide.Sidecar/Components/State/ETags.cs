namespace Eventide.Sidecar.Components.State;

/// <summary>The one rule of optimistic concurrency, shared by the stores that decide it themselves.</summary>
internal static class ETags
{
    /// <summary>
    /// Throws <see cref="ETagMismatchException"/> when <paramref name="operation"/> expects another ETag than the <paramref name="current"/> one (null: no
    /// item), or when first-write without an ETag meets an existing item.
    /// </summary>
    public static void Check(StateOperation operation, string? current)
    {
        var expected = string.IsNullOrEmpty(operation.ETag) ? null : operation.ETag;
        var mismatch = expected is not null ? expected != current : operation is StateSet { FirstWrite: true } && current is not null;
        if (mismatch)
        {
            throw new ETagMismatchException(operation.Key);
        }
    }
}
