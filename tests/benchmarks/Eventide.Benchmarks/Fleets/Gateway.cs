using System.Net;
using System.Net.Http.Headers;
using Eventide.Contracts;

namespace Eventide.Benchmarks.Fleets;

/// <summary>A gateway that passes on what its vehicles say, one request after the other. One caller at a time.</summary>
internal sealed class Gateway(Uri telemetry, VehicleFeed feed) : IDisposable
{
    private const int HistoryAtOnce = 50;
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(12);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false })
    {
        BaseAddress = telemetry,
        DefaultRequestHeaders =
        {
            Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentSignIn.TokenFor("gateway", DateTimeOffset.UtcNow + TokenLifetime, FleetScopes.ReportForAll)),
        },
    };

    /// <summary>Sends the days before of every vehicle.</summary>
    public async Task SendHistoryAsync(CancellationToken cancellationToken)
    {
        for (var first = 0; first < feed.Ids.Count; first += HistoryAtOnce)
        {
            await SendAsync(feed.History(first, Math.Min(HistoryAtOnce, feed.Ids.Count - first)), cancellationToken);
        }
    }

    /// <summary>Sends one reading of every vehicle; gives their number.</summary>
    /// <exception cref="InvalidOperationException">Some of them were not accepted.</exception>
    public async Task<int> SendAsync(CancellationToken cancellationToken)
    {
        await SendAsync(feed.Next(), cancellationToken);
        return feed.Ids.Count;
    }

    public void Dispose() => _http.Dispose();

    private async Task SendAsync(ReadOnlyMemory<byte> readings, CancellationToken cancellationToken)
    {
        using var content = new ReadOnlyMemoryContent(readings) { Headers = { ContentType = Json } };
        using var response = await _http.PostAsync("/readings", content, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Accepted)
        {
            throw new InvalidOperationException($"Telemetry answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
        }
    }
}
