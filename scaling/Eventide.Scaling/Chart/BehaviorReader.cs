using Eventide.Scaling.Hpa;
using YamlDotNet.RepresentationModel;

namespace Eventide.Scaling.Chart;

/// <summary>Reads spec.behavior of a HorizontalPodAutoscaler; what it does not say is filled in as Kubernetes does.</summary>
internal static class BehaviorReader
{
    public static HpaBehavior? Read(YamlNode? behavior) => behavior is null
        ? null
        : new HpaBehavior
        {
            ScaleUp = Rules(behavior.At("scaleUp"), ScalingRules.DefaultUp),
            ScaleDown = Rules(behavior.At("scaleDown"), ScalingRules.DefaultDown),
        };

    private static ScalingRules Rules(YamlNode? rules, ScalingRules defaults)
    {
        var policies = rules.Items("policies").Select(policy => new ScalingPolicy(
            Enum.Parse<PolicyType>(policy.Required("type")), policy.Number("value") ?? throw new InvalidDataException("A policy has no value."),
            policy.Seconds("periodSeconds") ?? throw new InvalidDataException("A policy has no periodSeconds."))).ToList();
        return new ScalingRules(
            rules.Seconds("stabilizationWindowSeconds") ?? defaults.StabilizationWindow,
            Enum.Parse<PolicySelect>(rules.Text("selectPolicy") ?? nameof(PolicySelect.Max)),
            policies.Count > 0 ? policies : defaults.Policies);
    }
}
