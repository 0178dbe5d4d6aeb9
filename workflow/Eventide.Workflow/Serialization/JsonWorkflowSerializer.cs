using System.Text.Json;
using Dapr.Common.Serialization;

namespace Dapr.Workflow.Serialization;

/// <summary>The former name of <see cref="JsonDaprSerializer"/>.</summary>
[Obsolete("Use Dapr.Common.Serialization.JsonDaprSerializer.")]
public sealed class JsonWorkflowSerializer : JsonDaprSerializer, IWorkflowSerializer
{
    /// <summary>JSON with the web defaults.</summary>
    public JsonWorkflowSerializer()
    {
    }

    /// <summary>JSON as <paramref name="options"/> say.</summary>
    public JsonWorkflowSerializer(JsonSerializerOptions options)
        : base(options)
    {
    }
}
