using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;

namespace Eventide.Scaling.Simulation;

/// <summary>What an autoscaler is told about a service, simulated or real.</summary>
/// <param name="Wanted">What the scale subresource asks for.</param>
/// <param name="Existing">Pods that exist and are not being deleted.</param>
/// <param name="Backlog">What the broker says about a topic (null: all topics together); null when it cannot be asked or there is none.</param>
public sealed record ServiceObservation(int Wanted, int Existing, IReadOnlyList<PodView> Pods, Func<string?, BacklogReading?> Backlog);

/// <summary>
/// The controllers of one service on their own clocks. It knows nothing of where the service runs, so the same code decides in the simulator and for the real
/// processes of one machine. Not thread-safe.
/// </summary>
public sealed class Autoscaler
{
    private readonly HpaControllerSettings _settings;
    private readonly HorizontalAutoscaler? _hpa;
    private readonly ScaledObjectSpec? _object;
    private readonly KedaOperator? _operator;
    private readonly KedaMetrics? _metrics;
    private DateTimeOffset _nextSync;
    private DateTimeOffset _nextPoll;

    /// <param name="phase">Controllers do not look at all objects at the same moment: how much later than <paramref name="begin"/> they look here first.</param>
    public Autoscaler(Autoscaling autoscaling, HpaControllerSettings settings, DateTimeOffset begin, TimeSpan phase)
    {
        (_settings, _nextSync, _nextPoll) = (settings, begin + phase, begin + phase);
        if (autoscaling is ByHpa byHpa)
        {
            _hpa = new HorizontalAutoscaler(byHpa.Spec, settings);
        }
        else if (autoscaling is ByKeda byKeda)
        {
            _object = byKeda.Spec;
            _hpa = new HorizontalAutoscaler(_object.ToHpa(), settings);
            _operator = new KedaOperator(_object);
            _metrics = new KedaMetrics(_object);
        }
    }

    /// <summary>Whether <see cref="Tick"/> would look now: asking a real shop takes time, so it is asked only then.</summary>
    public bool IsDue(DateTimeOffset now) => (_hpa is not null && now >= _nextSync) || (_operator is not null && now >= _nextPoll);

    /// <summary>Looks if it is time to; answers what the replicas shall be and why, or null when it has not looked. Looks that were missed are not made up for.</summary>
    public HpaDecision? Tick(DateTimeOffset now, Func<ServiceObservation> observe)
    {
        HpaDecision? decision = null;
        if (_operator is not null && now >= _nextPoll)
        {
            _nextPoll = After(_nextPoll, _object!.PollingInterval, now);
            var observed = observe();
            var polled = _operator.Poll(now, observed.Wanted, Values(now, observed));
            if (polled.Replicas != observed.Wanted)
            {
                decision = new HpaDecision(polled.Replicas, polled.Reason);
            }
        }

        if (_hpa is null || now < _nextSync)
        {
            return decision;
        }

        _nextSync = After(_nextSync, _settings.SyncPeriod, now);
        if (decision is not null)
        {
            // The operator has just moved it; the autoscaler sees that at its next look.
            return decision;
        }

        var current = observe();
        var external = _metrics?.Read(Values(now, current)) ?? new Dictionary<string, double>();
        return _hpa.Decide(now, new HpaObservation(current.Wanted, current.Existing, current.Pods, external));
    }

    private static DateTimeOffset After(DateTimeOffset look, TimeSpan period, DateTimeOffset now) => look + (period * (Math.Floor((now - look) / period) + 1));

    private List<double?> Values(DateTimeOffset now, ServiceObservation observed) => [.. _object!.Triggers.Select(trigger => trigger.Read(now, observed.Backlog(trigger.Topic)))];
}
