using System.Globalization;
using Eventide.Sidecar.BuildingBlocks.State;
using Eventide.Sidecar.Components.State;

namespace Eventide.Sidecar.Api;

/// <summary>What both surfaces read the same way from a state request.</summary>
internal static class StateRequests
{
    /// <summary>Makes the write; <c>ttlInSeconds</c> comes from the metadata, -1 means for ever.</summary>
    public static StateSet Set(string key, ReadOnlyMemory<byte> value, string? etag, bool firstWrite, IReadOnlyDictionary<string, string> metadata)
    {
        TimeSpan? ttl = null;
        if (metadata.TryGetValue("ttlInSeconds", out var text))
        {
            // 68 years and more would be no date in some stores.
            if (!int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var seconds))
            {
                throw StateErrors.MalformedBody($"ttlInSeconds is \"{text}\", not a whole number");
            }

            ttl = seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;
        }

        return new StateSet(key, value, etag, firstWrite, ttl);
    }
}
