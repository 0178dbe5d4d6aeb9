namespace Eventide.ServiceDefaults.State;

/// <summary>A document as it was read, or as somebody takes it to be: the write that follows finds out.</summary>
/// <param name="Value">Null when there is none.</param>
/// <param name="ETag">Empty when there is none.</param>
public sealed record Document<T>(string Key, T? Value, string ETag) where T : class
{
    /// <summary>A document that most likely does not exist yet: creating it needs no read then.</summary>
    public static Document<T> Absent(string key) => new(key, null, "");
}
