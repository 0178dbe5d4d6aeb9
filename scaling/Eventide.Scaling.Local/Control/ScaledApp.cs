using Eventide.Scaling.Chart;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Local.Clock;
using Eventide.Scaling.Local.Shops;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Local.Control;

/// <summary>
/// One app whose processes follow its autoscaler: what the autoscaler is told of it, and what became of it. Times are those of the scaled clock. Not thread-safe, except
/// <see cref="Follower"/>.
/// </summary>
internal sealed class ScaledApp
{
    private readonly ScaledTimeProvider _time;
    private readonly HashSet<int> _known;
    private readonly List<TimeSpan> _starts = [];
    private readonly Dictionary<int, DateTimeOffset> _wantedSince = [];
    private DateTimeOffset _accountedTo;

    public ScaledApp(RenderedService service, Autoscaling autoscaling, IRunningShop shop, ScaledTimeProvider time, TimeProvider real, HpaControllerSettings settings, TimeSpan phase, Action<string> failed)
    {
        (Service, _time, _accountedTo) = (service, time, time.GetUtcNow());
        var replicas = shop.Replicas(service.AppId);
        _known = [.. replicas.Select(replica => replica.Pid)];
        Initial = replicas.Count;
        Autoscaler = new Autoscaler(autoscaling, settings, _accountedTo, phase);
        Follower = new ReplicaFollower(service.AppId, Initial, shop, real, failed);
        Topics = autoscaling is ByKeda { Spec.Triggers: var triggers } ? [.. triggers.Select(trigger => trigger.Topic).OfType<string>().Distinct()] : [];
        UsesProcessor = autoscaling is ByHpa || autoscaling is ByKeda { Spec.Triggers: var all } && all.Any(trigger => trigger is CpuTrigger);
    }

    public string AppId => Service.AppId;

    /// <summary>What the chart says of it.</summary>
    public RenderedService Service { get; }

    public Autoscaler Autoscaler { get; }

    public ReplicaFollower Follower { get; }

    /// <summary>The topics whose backlog counts.</summary>
    public IReadOnlyList<string> Topics { get; }

    /// <summary>Whether it scales by what its processes use.</summary>
    public bool UsesProcessor { get; }

    /// <summary>The processes that it had in the beginning.</summary>
    public int Initial { get; }

    /// <summary>The sum of its processes' lives so far.</summary>
    public TimeSpan ReplicaTime { get; private set; }

    /// <summary>How long each process that was added took from its start until it was ready, in real time.</summary>
    public IReadOnlyList<TimeSpan> Starts => _starts;

    /// <summary>The last thing that was said about it.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Adds the lives of its processes up to now.</summary>
    public void Account(DateTimeOffset now)
    {
        ReplicaTime += (now - _accountedTo) * Follower.Existing;
        _accountedTo = now;
    }

    /// <summary>
    /// What its autoscaler is told. A process that is wanted and not ready yet is a pending pod; one that runs and is not wanted any more is being deleted. The sidecars of all
    /// apps share the runner's process, so nobody can say what one of them uses: the request and the usage of a pod are the app's alone, on both sides.
    /// </summary>
    public ServiceObservation Observe(DateTimeOffset now, IReadOnlyList<Replica> replicas, IReadOnlyDictionary<string, BacklogReading> backlogs, Func<int, long?> millicores, TimeSpan window)
    {
        _starts.AddRange(replicas.Where(replica => _known.Add(replica.Pid)).Select(replica => replica.ReadyAt - replica.StartedAt));
        var wanted = Follower.Wanted;
        var request = new Cores(Service.Request.App, 0);
        PodView Ready(Replica replica, int index) => new(
            PodPhase.Running, IsReady: true, _time.FromReal(replica.StartedAt), _time.FromReal(replica.ReadyAt), IsDeleting: index >= wanted, request,
            millicores(replica.Pid) is { } used ? new ResourceSample(new Cores(used, 0), now, window) : null);

        // In Kubernetes a pod's age counts from its creation, which is when it was wanted.
        foreach (var gone in _wantedSince.Keys.Where(index => index >= wanted || index < replicas.Count).ToList())
        {
            _wantedSince.Remove(gone);
        }

        PodView Pending(int index)
        {
            _wantedSince.TryAdd(index, now);
            return new PodView(PodPhase.Pending, IsReady: false, _wantedSince[index], _wantedSince[index], IsDeleting: false, request, Sample: null);
        }

        return new ServiceObservation(
            wanted, wanted, [.. replicas.Select(Ready), .. Enumerable.Range(replicas.Count, Math.Max(0, wanted - replicas.Count)).Select(Pending)],
            topic => topic is null ? Sum(backlogs) : backlogs.GetValueOrDefault(topic));
    }

    private static BacklogReading? Sum(IReadOnlyDictionary<string, BacklogReading> backlogs) =>
        backlogs.Count == 0 ? null : new BacklogReading(backlogs.Values.Sum(reading => reading.Waiting), backlogs.Values.Sum(reading => reading.InHand));
}
