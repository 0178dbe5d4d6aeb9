using Polly;

namespace Eventide.Sidecar.Resiliency;

/// <summary>
/// The policies that the resiliency files attach to a target, as pipelines: retry around circuit breaker around timeout
/// (Dapr: pkg/resiliency). A target without a policy gets an empty pipeline, or Dapr's built-in one where it has one.
/// </summary>
internal interface IResiliencyPolicies
{
    /// <summary>For a call to another app. Breakers are kept per operation, which is a path; a query does not count.</summary>
    ResiliencePipeline ForApp(string appId, string operation);

    /// <summary>
    /// For a call that no policy covers: tries again while nothing accepts connections at the other end (Dapr: DaprBuiltInServiceRetries, three times after
    /// a second each). A call that arrived is never repeated.
    /// </summary>
    ResiliencePipeline ForUnreachableApp { get; }

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
