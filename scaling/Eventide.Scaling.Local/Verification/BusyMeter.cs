using Eventide.Scaling.Local.Brokers;
using Eventide.Tools;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Verification;

/// <summary>
/// How long one message takes a replica of an app while its replicas have more than they can do: the time that the company behind it takes, and what the service, its store and this
/// machine add. From the sidecars' own counts of deliveries, in real time.
/// </summary>
internal sealed class BusyMeter(string appId, string topic, int atOnce, Func<RunState?> shop, HttpClient http, TimeProvider time)
{
    private const string Deliveries = "dapr_component_pubsub_ingress_count";
    private const string Backlog = "eventide_pubsub_backlog_messages";
    private const int Fewest = 20;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private TimeSpan _busy;
    private double _delivered;
    private Sample? _last;

    /// <summary>The app.</summary>
    public string AppId => appId;

    /// <summary>Of one message.</summary>
    /// <exception cref="ToolException">It never had enough to do for long enough.</exception>
    public TimeSpan HandlingTime => _delivered >= Fewest
        ? _busy * (atOnce / _delivered)
        : throw new ToolException($"{appId} never had more to do than it could, so nobody knows how long one message takes; run this again when the machine has less to do beside it.");

    /// <summary>Measures until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await SampleAsync(cancellationToken);
            await Task.Delay(Interval, time, cancellationToken);
        }
    }

    /// <summary>Adds what was done since the last time, if there was enough to do all the while.</summary>
    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        var now = await ReadAsync(cancellationToken);
        if (now is not null && _last is { } last && last.Pids.SequenceEqual(now.Pids) && Math.Min(last.Waiting, now.Waiting) > 0)
        {
            _busy += time.GetElapsedTime(last.At, now.At) * now.Pids.Count;
            _delivered += now.Delivered - last.Delivered;
        }

        _last = now;
    }

    private async Task<Sample?> ReadAsync(CancellationToken cancellationToken)
    {
        var replicas = shop()?.Apps.Where(app => app.AppId == appId).ToList() ?? [];
        var at = time.GetTimestamp();
        try
        {
            var texts = await Task.WhenAll(replicas.Select(replica =>
                http.GetStringAsync(new Uri($"http://127.0.0.1:{replica.MetricsPort}/metrics?name[]={Deliveries}&name[]={Backlog}"), cancellationToken)));
            var waiting = Values(texts[0], Backlog).Where(value => value.Labels.GetValueOrDefault("state") == "waiting").Sum(value => value.Value);
            return new Sample(at, [.. replicas.Select(replica => replica.Pid)], texts.Sum(Done), waiting);
        }
        catch (HttpRequestException)
        {
            // A process was taken away meanwhile.
            return null;
        }
    }

    // What was refused or cut off comes again.
    private double Done(string text) => Values(text, Deliveries).Where(value => value.Labels.GetValueOrDefault("process_status") == "success").Sum(value => value.Value);

    private IEnumerable<(IReadOnlyDictionary<string, string> Labels, double Value)> Values(string text, string metric) =>
        PrometheusText.Values(text, metric).Where(value => value.Labels.GetValueOrDefault("topic") == topic);

    private sealed record Sample(long At, IReadOnlyList<int> Pids, double Delivered, double Waiting);
}
