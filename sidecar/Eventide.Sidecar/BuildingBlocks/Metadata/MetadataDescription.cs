using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Sidecar.BuildingBlocks.Metadata;

/// <summary>What GET /v1.0/metadata and GetMetadata tell, with the values that callers have set. Thread-safe.</summary>
internal sealed class MetadataDescription(IServiceProvider services, SidecarOptions options)
{
    private readonly ConcurrentDictionary<string, string> _extended = new(StringComparer.Ordinal);

    /// <summary>Sets one of the values under <c>extended</c>.</summary>
    public void Set(string key, string value) => _extended[key] = value;

    /// <summary>Everything, as of now.</summary>
    public JsonObject Describe()
    {
        var description = new JsonObject
        {
            ["id"] = options.AppId,
            ["runtimeVersion"] = SidecarLife.Version,
            ["enabledFeatures"] = new JsonArray(),
            ["components"] = new JsonArray(),
            ["subscriptions"] = new JsonArray(),
            ["httpEndpoints"] = new JsonArray(),
            ["actorRuntime"] = new JsonObject
            {
                ["runtimeStatus"] = "DISABLED",
                ["hostReady"] = false,
                ["placement"] = "",
                ["activeActors"] = new JsonArray(),
            },
            ["workflows"] = new JsonObject { ["connectedWorkers"] = 0 },
            ["appConnectionProperties"] = Connection(),
        };
        description["extended"] = new JsonObject(_extended.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value)))
        {
            ["daprRuntimeVersion"] = SidecarLife.Version,
        };

        // Resolved late: the building blocks that contribute may need this very object's neighbours.
        foreach (var contributor in services.GetServices<IMetadataContributor>())
        {
            contributor.Describe(description);
        }

        return description;
    }

    private JsonObject Connection()
    {
        var connection = new JsonObject
        {
            ["port"] = options.AppPort ?? 0,
            ["protocol"] = options.AppProtocol.ToString().ToLowerInvariant(),
            ["channelAddress"] = options.AppChannelAddress,
            ["maxConcurrency"] = options.AppMaxConcurrency ?? 0,
        };
        if (options.AppHealthCheck)
        {
            connection["health"] = new JsonObject
            {
                ["healthCheckPath"] = options.AppHealthCheckPath,
                ["healthProbeInterval"] = $"{options.AppHealthProbeInterval.TotalSeconds}s",
                ["healthProbeTimeout"] = $"{options.AppHealthProbeTimeout.TotalMilliseconds}ms",
                ["healthThreshold"] = options.AppHealthThreshold,
            };
        }

        return connection;
    }
}
