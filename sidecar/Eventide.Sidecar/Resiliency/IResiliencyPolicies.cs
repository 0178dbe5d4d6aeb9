using Polly;

namespace Eventide.Sidecar.Resiliency;

/// <summary>
/// The policies that the resiliency files attach to a target, as pipelines: retry around circuit breaker around timeout
/// (Dapr: pkg/resiliency). A target without a policy gets an empty pipeline, or Dapr's built-in one where it has one.
/// </summary>
internal interface IResiliencyPolicies
{
    /// <summary>For a call to another app; breakers are kept per operation.</summary>
    ResiliencePipeline ForApp(string appId, string operation);

    /// <summary>For a call from this sidecar to a component.</summary>
    ResiliencePipeline ForComponentOutbound(string componentName, ComponentKind kind);

    /// <summary>For a delivery from a component to the app. An empty pipeline is a single attempt.</summary>
    ResiliencePipeline ForComponentInbound(string componentName, ComponentKind kind);
}

/// <summary>The building block that a component belongs to, as the names of default policies spell it.</summary>
internal enum ComponentKind
{
    Statestore,
    Pubsub,
    Binding,
    Secretstore,
    Configuration,
    Lock,
}
