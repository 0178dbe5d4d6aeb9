using Eventide.Scaling.Services;

namespace Eventide.Scaling.Simulation;

/// <summary>One service in the course of a run. Not thread-safe.</summary>
internal sealed class ServiceRun
{
    private readonly ServiceModel _model;
    private readonly ReplicaSet _replicas;
    private readonly WorkQueue _queue;
    private readonly UsageWindow _usage;
    private readonly Autoscaler _autoscaler;
    private readonly ServiceRecorder _recorder;
    private readonly TimeSpan _step;

    public ServiceRun(ScaledService service, Scenario scenario, DateTimeOffset begin, TimeSpan phase)
    {
        _model = service.Model;
        _step = scenario.Step;
        _replicas = new ReplicaSet(_model, begin, service.Autoscaling.Begin);
        _queue = new WorkQueue(_model);
        _usage = new UsageWindow(scenario.MetricsWindow);
        _autoscaler = new Autoscaler(service.Autoscaling, scenario.Controller, begin, phase);
        _recorder = new ServiceRecorder(_model, (int)(scenario.Duration / _step), _step);
    }

    public string Name => _model.Name;

    public IReadOnlyList<Feed> Feeds => _model.Feeds;

    /// <summary>Items that were finished in the last step.</summary>
    public double Finished { get; private set; }

    public void Step(DateTimeOffset now, double arrivals)
    {
        _replicas.Advance(now);
        var ready = _replicas.ReadyAt(now);
        Finished = _queue.Step(now, _step, arrivals, ready);
        _usage.Add(now, ready == 0 ? default : _model.Usage(Finished / _step.TotalSeconds / ready));
        _recorder.Record(arrivals, Finished, _replicas.Wanted, ready, _replicas.Existing, _queue.Unfinished);
        if (_autoscaler.Tick(now, () => Observe(now, ready)) is { } decision && decision.Replicas != _replicas.Wanted)
        {
            var held = _queue.HeldByOne(ready);
            _queue.Strand(now, _replicas.Scale(now, decision.Replicas) * held);
        }
    }

    public ServiceResult Result() => _recorder.Result();

    private ServiceObservation Observe(DateTimeOffset now, int ready) => new(
        _replicas.Wanted, _replicas.Living, _replicas.Views(now, _usage.Average, now, _usage.Window), topic => _queue.Reading(ready, topic));
}
