namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>The metadata entry that turns CloudEvents off.</summary>
internal static class RawPayload
{
    public const string Key = "rawPayload";

    /// <summary>Whether it is set, in any spelling that Go reads as a truth value; null when it is none.</summary>
    public static bool? IsAsked(IReadOnlyDictionary<string, string> metadata) => !metadata.TryGetValue(Key, out var text)
        ? false
        : text switch
        {
            "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
            "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
            _ => null,
        };
}
