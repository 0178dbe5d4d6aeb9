using System.Text.Json.Nodes;

namespace Eventide.Sidecar.BuildingBlocks.Metadata;

/// <summary>A building block's part of GET /v1.0/metadata.</summary>
internal interface IMetadataContributor
{
    /// <summary>Adds its keys.</summary>
    void Describe(JsonObject metadata);
}
