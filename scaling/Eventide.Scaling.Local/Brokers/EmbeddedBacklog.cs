using Eventide.Contracts;
using Eventide.Scaling.Keda;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Brokers;

/// <summary>Reads the gauge that sidecars on the embedded broker show to Prometheus. The first process of an app is asked; every one of them tells the same.</summary>
internal sealed class EmbeddedBacklog(Func<RunState?> shop) : IBacklogReader
{
    private const string Gauge = "eventide_pubsub_backlog_messages";
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };

    /// <inheritdoc/>
    public async Task<IReadOnlyDictionary<string, BacklogReading>> ReadAsync(string group, IReadOnlyCollection<string> topics, CancellationToken cancellationToken)
    {
        if (shop()?.Find(group)?.MetricsPort is not { } port)
        {
            return new Dictionary<string, BacklogReading>();
        }

        try
        {
            var readings = Parse(await _http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics?name[]={Gauge}"), cancellationToken), Topics.PubSub);
            return readings.Where(reading => topics.Contains(reading.Key)).ToDictionary();
        }
        catch (Exception failure) when (failure is HttpRequestException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new BacklogException($"The sidecar of {group} does not tell its backlog ({failure.Message}).", failure);
        }
    }

    /// <summary>By topic of one component, from Prometheus' text format. Lines of other metrics are passed over.</summary>
    public static IReadOnlyDictionary<string, BacklogReading> Parse(string metrics, string component)
    {
        var readings = new Dictionary<string, BacklogReading>(StringComparer.Ordinal);
        foreach (var (labels, value) in PrometheusText.Values(metrics, Gauge))
        {
            if (labels.GetValueOrDefault("component") == component && labels.GetValueOrDefault("topic") is { } topic)
            {
                var reading = readings.GetValueOrDefault(topic) ?? new BacklogReading(0, 0);
                readings[topic] = labels.GetValueOrDefault("state") == "in_hand" ? reading with { InHand = value } : reading with { Waiting = value };
            }
        }

        return readings;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return ValueTask.CompletedTask;
    }
}
