using Eventide.Scaling.Chart;
using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Local.Brokers;
using Eventide.Scaling.Local.Clock;
using Eventide.Scaling.Local.Shops;

namespace Eventide.Scaling.Local.Control;

/// <summary>
/// Lets the controllers of the simulator look at a running shop, on a clock that may run faster than the real one, and makes the shop follow what they decide.
/// <see cref="TickAsync"/> is for one caller at a time; what it tells may be read by another thread.
/// </summary>
internal sealed class LocalAutoscaler : IAsyncDisposable
{
    /// <summary>Over which time usage is averaged, as in the simulator.</summary>
    private static readonly TimeSpan MetricsWindow = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    // No faster than the machine can be asked.
    private static readonly TimeSpan ShortestStep = TimeSpan.FromMilliseconds(20);
    private readonly HpaControllerSettings _settings = new();
    private readonly IRunningShop _shop;
    private readonly IBacklogReader _backlogs;
    private readonly ScaledTimeProvider _time;
    private readonly ProcessorMeter _processor;
    private readonly Lock _lock = new();
    private readonly List<ReplicaChange> _changes = [];
    private readonly List<Look> _looks = [];
    private readonly Dictionary<string, string> _troubles = new(StringComparer.Ordinal);

    /// <param name="services">Those to scale; what the chart gives no autoscaler is passed over.</param>
    /// <param name="real">The clock of the machine.</param>
    /// <param name="processorTime">Processor time of a process so far; null when it is gone.</param>
    public LocalAutoscaler(
        IRunningShop shop, IBacklogReader backlogs, IEnumerable<RenderedService> services, LocalLimits limits, ScaledTimeProvider time, TimeProvider real,
        Func<int, TimeSpan?> processorTime)
    {
        (_shop, _backlogs, _time, Begin) = (shop, backlogs, time, time.GetUtcNow());
        _processor = new ProcessorMeter(real, MetricsWindow / time.Factor, processorTime);
        var scaled = services.Select(service => (Service: service, Autoscaling: limits.Apply(service.Autoscaling))).Where(entry => entry.Autoscaling is not null).ToList();

        // Controllers do not look at all objects at the same moment.
        Apps = [.. scaled.Select((entry, index) => new ScaledApp(
            entry.Service, entry.Autoscaling!, shop, time, real, _settings, _settings.SyncPeriod * index / scaled.Count, failure => Trouble(entry.Service.AppId, failure)))];
    }

    /// <summary>When it began, on the scaled clock.</summary>
    public DateTimeOffset Begin { get; }

    /// <summary>The apps that it scales.</summary>
    public IReadOnlyList<ScaledApp> Apps { get; }

    /// <summary>Gets each change of replicas when it is decided.</summary>
    public event Action<ReplicaChange>? Changed;

    /// <summary>Gets a sentence, once, about what an app could not be asked or told.</summary>
    public event Action<string, string>? Troubled;

    /// <summary>Every change until now.</summary>
    public IReadOnlyList<ReplicaChange> Changes => Copy(_changes);

    /// <summary>Every look until now.</summary>
    public IReadOnlyList<Look> Looks => Copy(_looks);

    /// <summary>Looks whenever it is time to, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Step > ShortestStep * _time.Factor ? Step : ShortestStep * _time.Factor, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            await TickAsync(cancellationToken);
        }
    }

    /// <summary>Lets every controller look that is due.</summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        var now = _time.GetUtcNow();
        if (Apps.Any(app => app.UsesProcessor))
        {
            _processor.Sample([.. Apps.Where(app => app.UsesProcessor).SelectMany(app => _shop.Replicas(app.AppId)).Select(replica => replica.Pid)]);
        }

        foreach (var app in Apps)
        {
            app.Account(now);
        }

        await Task.WhenAll(Apps.Where(app => app.Autoscaler.IsDue(now)).Select(app => LookAsync(app, now, cancellationToken)));
    }

    /// <summary>Gives every app as many processes as it had in the beginning; returns when it has them.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        foreach (var app in Apps)
        {
            app.Follower.Follow(app.Initial);
        }

        await Task.WhenAll(Apps.Select(app => app.Follower.SettledAsync(cancellationToken)));
    }

    /// <summary>What each app has come to.</summary>
    public IReadOnlyList<AppTotal> Totals()
    {
        var looks = Looks.ToLookup(look => look.AppId);
        return [.. Apps.Select(app => new AppTotal(
            app.AppId, app.Initial, looks[app.AppId].Select(look => look.Wanted).Append(app.Initial).Max(), looks[app.AppId].LastOrDefault()?.Wanted ?? app.Initial,
            app.ReplicaTime.TotalSeconds, Mean(app.Starts), Mean(app.Follower.Drains)))];
    }

    /// <summary>Waits for no change any more; the shop keeps what it has.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var app in Apps)
        {
            await app.Follower.StopAsync();
        }
    }

    private async Task LookAsync(ScaledApp app, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var backlogs = await ReadAsync(app, cancellationToken);
        var replicas = _shop.Replicas(app.AppId);
        var observed = app.Observe(now, replicas, backlogs, _processor.Millicores, MetricsWindow);
        var decision = app.Autoscaler.Tick(now, () => observed);
        var wanted = decision?.Replicas ?? observed.Wanted;
        app.Reason = decision?.Reason ?? app.Reason;
        var used = observed.Pods.Select(pod => pod.Sample?.Usage.App).OfType<long>().ToList();
        lock (_lock)
        {
            _looks.Add(new Look(
                now - Begin, app.AppId, wanted, Math.Min(replicas.Count, observed.Wanted), backlogs.Count == 0 ? null : backlogs.Values.Sum(reading => reading.Waiting),
                backlogs.Count == 0 ? null : backlogs.Values.Sum(reading => reading.InHand), used.Count == 0 ? null : (long)used.Average()));
        }

        if (wanted != observed.Wanted)
        {
            var change = new ReplicaChange(now - Begin, app.AppId, observed.Wanted, wanted, decision!.Reason);
            lock (_lock)
            {
                _changes.Add(change);
            }

            Changed?.Invoke(change);
            app.Follower.Follow(wanted);
        }
    }

    private async Task<IReadOnlyDictionary<string, BacklogReading>> ReadAsync(ScaledApp app, CancellationToken cancellationToken)
    {
        if (app.Topics.Count == 0)
        {
            return new Dictionary<string, BacklogReading>();
        }

        try
        {
            return await _backlogs.ReadAsync(app.AppId, app.Topics, cancellationToken);
        }
        catch (BacklogException failure)
        {
            // As with KEDA, a trigger that cannot be read is no trigger at zero.
            Trouble(app.AppId, failure.Message);
            return new Dictionary<string, BacklogReading>();
        }
    }

    private void Trouble(string appId, string sentence)
    {
        lock (_lock)
        {
            if (_troubles.GetValueOrDefault(appId) == sentence)
            {
                return;
            }

            _troubles[appId] = sentence;
        }

        Troubled?.Invoke(appId, sentence);
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }

    private static double? Mean(IReadOnlyList<TimeSpan> times) => times.Count == 0 ? null : times.Average(time => time.TotalSeconds);
}
