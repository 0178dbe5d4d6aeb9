using System.ComponentModel.DataAnnotations;
using k8s.Models;

namespace Eventide.Charts.Tests.Models;

// The fields of Dapr's custom resources (dapr.io/v1alpha1) as far as a chart sets them; whatever is not here is taken for a misspelling.

internal sealed class Component : CustomResource
{
    [Required]
    public ComponentSpec? Spec { get; set; }

    public ComponentAuth? Auth { get; set; }

    public IList<string>? Scopes { get; set; }
}

internal sealed class ComponentSpec
{
    [Required, RegularExpression(@"(state|pubsub|bindings|secretstores|configuration|middleware|lock)\.[a-z.]+")]
    public string? Type { get; set; }

    [Required, RegularExpression("v[12]")]
    public string? Version { get; set; }

    public bool? IgnoreErrors { get; set; }

    [RegularExpression(Durations.Go)]
    public string? InitTimeout { get; set; }

    [Required(AllowEmptyStrings = true)]
    public IList<ComponentSetting>? Metadata { get; set; }
}

internal sealed class ComponentSetting
{
    [Required]
    public string? Name { get; set; }

    public string? Value { get; set; }

    public SecretReference? SecretKeyRef { get; set; }
}

internal sealed class SecretReference
{
    [Required]
    public string? Name { get; set; }

    [Required]
    public string? Key { get; set; }
}

internal sealed class ComponentAuth
{
    [Required]
    public string? SecretStore { get; set; }
}

internal sealed class Resiliency : CustomResource
{
    [Required]
    public ResiliencySpec? Spec { get; set; }

    public IList<string>? Scopes { get; set; }
}

internal sealed class ResiliencySpec
{
    [Required]
    public ResiliencyPolicies? Policies { get; set; }

    [Required]
    public ResiliencyTargets? Targets { get; set; }
}

internal sealed class ResiliencyPolicies
{
    public IDictionary<string, string>? Timeouts { get; set; }

    public IDictionary<string, RetryPolicy>? Retries { get; set; }

    public IDictionary<string, BreakerPolicy>? CircuitBreakers { get; set; }
}

internal sealed class RetryPolicy
{
    [Required, AllowedValues("constant", "exponential")]
    public string? Policy { get; set; }

    [RegularExpression(Durations.Go)]
    public string? Duration { get; set; }

    [RegularExpression(Durations.Go)]
    public string? MaxInterval { get; set; }

    public int? MaxRetries { get; set; }
}

internal sealed class BreakerPolicy
{
    public int? MaxRequests { get; set; }

    public string? Interval { get; set; }

    public string? Timeout { get; set; }

    public string? Trip { get; set; }
}

internal sealed class ResiliencyTargets
{
    public IDictionary<string, PolicyNames>? Apps { get; set; }

    public IDictionary<string, ComponentPolicies>? Components { get; set; }
}

internal sealed class ComponentPolicies
{
    public PolicyNames? Inbound { get; set; }

    public PolicyNames? Outbound { get; set; }
}

internal sealed class PolicyNames
{
    public string? Timeout { get; set; }

    public string? Retry { get; set; }

    public string? CircuitBreaker { get; set; }
}

internal static class Durations
{
    public const string Go = @"([0-9]+(\.[0-9]+)?(ms|s|m|h))+";
}

/// <summary>What every custom resource has.</summary>
internal abstract class CustomResource
{
    [Required]
    public string? ApiVersion { get; set; }

    [Required]
    public string? Kind { get; set; }

    [Required]
    public V1ObjectMeta? Metadata { get; set; }
}
