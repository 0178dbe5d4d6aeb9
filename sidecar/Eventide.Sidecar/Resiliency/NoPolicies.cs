using Polly;

namespace Eventide.Sidecar.Resiliency;

/// <summary>Every call is a single attempt.</summary>
internal sealed class NoPolicies : IResiliencyPolicies
{
    public ResiliencePipeline ForApp(string appId, string operation) => ResiliencePipeline.Empty;
    public ResiliencePipeline ForComponentOutbound(string componentName, ComponentKind kind) => ResiliencePipeline.Empty;
    public ResiliencePipeline ForComponentInbound(string componentName, ComponentKind kind) => ResiliencePipeline.Empty;
}
