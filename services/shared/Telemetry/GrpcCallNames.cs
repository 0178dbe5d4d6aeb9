using System.Diagnostics;
using OpenTelemetry;

namespace Eventide.ServiceDefaults.Telemetry;

/// <summary>
/// Names the spans of outgoing gRPC calls after the method; gRPC's client calls them all the same. They have to be exported: each is the parent of an HTTP span.
/// </summary>
internal sealed class GrpcCallNames : BaseProcessor<Activity>
{
    /// <summary>The source of these spans.</summary>
    public const string Source = "Grpc.Net.Client";

    /// <inheritdoc/>
    public override void OnEnd(Activity data)
    {
        if (data.Source.Name == Source && data.GetTagItem("grpc.method") is string method)
        {
            data.DisplayName = method.TrimStart('/');
        }
    }
}
