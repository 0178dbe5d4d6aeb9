namespace Eventide.Scaling.Hpa;

/// <summary>How far the policies let the replicas go, given what was added and removed in each policy's period. Pure functions.</summary>
internal static class RateLimits
{
    public static int Up(ScalingRules rules, int current, Func<TimeSpan, int> added, Func<TimeSpan, int> removed)
    {
        if (rules.Select == PolicySelect.Disabled)
        {
            return current;
        }

        var limits = rules.Policies.Select(policy =>
        {
            var start = current - added(policy.Period) + removed(policy.Period);
            // Rounded up: a percentage of few replicas would never add one.
            return policy.Type == PolicyType.Pods ? start + policy.Value : (int)Math.Ceiling(start * (1 + policy.Value / 100.0));
        });
        return rules.Select == PolicySelect.Max ? limits.Max() : limits.Min();
    }

    public static int Down(ScalingRules rules, int current, Func<TimeSpan, int> added, Func<TimeSpan, int> removed)
    {
        if (rules.Select == PolicySelect.Disabled)
        {
            return current;
        }

        var limits = rules.Policies.Select(policy =>
        {
            var start = current + removed(policy.Period) - added(policy.Period);
            // Cut off: so at least one goes.
            return policy.Type == PolicyType.Pods ? start - policy.Value : (int)(start * (1 - policy.Value / 100.0));
        });
        return rules.Select == PolicySelect.Max ? limits.Min() : limits.Max();
    }

    public static TimeSpan LongestPeriod(ScalingRules rules) => rules.Policies.Count == 0 ? TimeSpan.Zero : rules.Policies.Max(policy => policy.Period);
}
