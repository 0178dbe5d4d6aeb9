namespace Eventide.Scaling.Keda;

/// <summary>
/// The operator's part of one ScaledObject: between zero (or idle) and the minimum; the rest is the autoscaler's (KEDA: pkg/scaling/executor/scale_scaledobjects.go).
/// Not thread-safe.
/// </summary>
public sealed class KedaOperator(ScaledObjectSpec spec)
{
    private DateTimeOffset? _lastActive;

    /// <summary>Asks the triggers once, and answers how many replicas there shall be.</summary>
    /// <param name="replicas">What the scale subresource asks for now.</param>
    /// <param name="values">One value per trigger, in their order; null where it could not be read.</param>
    public KedaDecision Poll(DateTimeOffset now, int replicas, IReadOnlyList<double?> values)
    {
        var hasError = values.Any(value => value is null);
        return spec.Triggers.Zip(values).Any(pair => pair.Second > pair.First.Activation)
            ? Active(now, replicas, hasError)
            : Inactive(now, replicas, hasError);
    }

    private KedaDecision Active(DateTimeOffset now, int replicas, bool hasError)
    {
        if (replicas == 0 || (spec.IdleReplicaCount is not null && replicas < spec.MinReplicaCount))
        {
            _lastActive = now;
            return new KedaDecision(Math.Max(spec.MinReplicaCount, 1), "KEDAScaleTargetActivated");
        }

        // A trigger that cannot be read makes the time of the last activity uncertain.
        if (!hasError)
        {
            _lastActive = now;
        }

        return new KedaDecision(replicas, "active");
    }

    private KedaDecision Inactive(DateTimeOffset now, int replicas, bool hasError)
    {
        if (hasError)
        {
            return new KedaDecision(replicas, "a trigger cannot be read: nothing is switched off");
        }

        if (spec.IdleReplicaCount is { } idle ? replicas > idle : replicas > 0 && spec.MinReplicaCount == 0)
        {
            return _lastActive is { } last && last + spec.CooldownPeriod >= now
                ? new KedaDecision(replicas, "cooling down")
                : new KedaDecision(spec.IdleReplicaCount ?? 0, "KEDAScaleTargetDeactivated");
        }

        return replicas < spec.MinReplicaCount && spec.IdleReplicaCount is null
            ? new KedaDecision(spec.MinReplicaCount, "fewer replicas than minReplicaCount")
            : new KedaDecision(replicas, "inactive");
    }
}

/// <summary>What the operator decided and why.</summary>
public sealed record KedaDecision(int Replicas, string Reason);
