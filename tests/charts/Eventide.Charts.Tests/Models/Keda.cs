using System.ComponentModel.DataAnnotations;
using k8s.Models;

namespace Eventide.Charts.Tests.Models;

// keda.sh/v1alpha1, as far as a chart sets it.

internal sealed class ScaledObject : CustomResource
{
    [Required]
    public ScaledObjectSpec? Spec { get; set; }
}

internal sealed class ScaledObjectSpec
{
    [Required]
    public ScaleTarget? ScaleTargetRef { get; set; }

    [Range(1, int.MaxValue)]
    public int? PollingInterval { get; set; }

    public int? CooldownPeriod { get; set; }

    public int? InitialCooldownPeriod { get; set; }

    public int? IdleReplicaCount { get; set; }

    [Required]
    public int? MinReplicaCount { get; set; }

    [Required]
    public int? MaxReplicaCount { get; set; }

    public AdvancedScaling? Advanced { get; set; }

    [Required]
    public IList<ScaleTrigger>? Triggers { get; set; }

    public ScalingFallback? Fallback { get; set; }
}

internal sealed class ScaleTarget
{
    [Required]
    public string? Name { get; set; }

    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }
}

internal sealed class AdvancedScaling
{
    public HpaConfiguration? HorizontalPodAutoscalerConfig { get; set; }

    public bool? RestoreToOriginalReplicaCount { get; set; }
}

internal sealed class HpaConfiguration
{
    public V2HorizontalPodAutoscalerBehavior? Behavior { get; set; }
}

internal sealed class ScaleTrigger
{
    [Required]
    public string? Type { get; set; }

    public string? Name { get; set; }

    [AllowedValues(null, "AverageValue", "Value", "Utilization")]
    public string? MetricType { get; set; }

    public bool? UseCachedMetrics { get; set; }

    [Required]
    public IDictionary<string, string>? Metadata { get; set; }

    public TriggerReference? AuthenticationRef { get; set; }
}

internal sealed class TriggerReference
{
    [Required]
    public string? Name { get; set; }

    public string? Kind { get; set; }
}

internal sealed class ScalingFallback
{
    [Required]
    public int? FailureThreshold { get; set; }

    [Required]
    public int? Replicas { get; set; }

    [AllowedValues(null, "static", "currentReplicas", "currentReplicasIfHigher", "currentReplicasIfLower")]
    public string? Behavior { get; set; }
}

internal sealed class TriggerAuthentication : CustomResource
{
    [Required]
    public TriggerAuthenticationSpec? Spec { get; set; }
}

internal sealed class TriggerAuthenticationSpec
{
    public IList<TriggerSecret>? SecretTargetRef { get; set; }

    public TriggerIdentity? PodIdentity { get; set; }
}

internal sealed class TriggerSecret
{
    [Required]
    public string? Parameter { get; set; }

    [Required]
    public string? Name { get; set; }

    [Required]
    public string? Key { get; set; }
}

internal sealed class TriggerIdentity
{
    [Required, AllowedValues("aws", "azure-workload", "gcp", "none")]
    public string? Provider { get; set; }
}
