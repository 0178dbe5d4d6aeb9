using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Eventide.Contracts;
using Eventide.Tools.Shops;

namespace Eventide.Demo.Tests.Fleet;

/// <summary>A gateway that sends again what telemetry did not accept, to whichever replica is there. Thread-safe.</summary>
internal sealed class FleetSender(OwnShop shop) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) })
    {
        Timeout = TimeSpan.FromSeconds(30),
        DefaultRequestHeaders =
        {
            Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentSignIn.TokenFor("gateway", DateTimeOffset.UtcNow.AddHours(1), FleetScopes.ReportForAll)),
        },
    };

    private int _accepted;
    private int _next;

    /// <summary>Requests that were accepted.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>Sends one request until all of it is accepted.</summary>
    public async Task SendAsync(IReadOnlyList<(string Vehicle, Reading Reading)> readings, CancellationToken cancellationToken)
    {
        while (!await TrySendAsync(readings, cancellationToken))
        {
            await Task.Delay(Pause, cancellationToken);
        }

        Interlocked.Increment(ref _accepted);
    }

    /// <summary>What a replica of fleet says; null when it knows no such thing, or when there is no answer at the moment.</summary>
    public async Task<JsonElement?> AskAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(Address("fleet", path), cancellationToken);
            return response.IsSuccessStatusCode ? await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken) : null;
        }
        catch (Exception failure) when (IsTransient(failure, cancellationToken))
        {
            return null;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<bool> TrySendAsync(IReadOnlyList<(string Vehicle, Reading Reading)> readings, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.PostAsJsonAsync(
                Address("telemetry", "/readings"),
                readings.Select(item => new
                {
                    VehicleId = item.Vehicle,
                    item.Reading.Sequence,
                    item.Reading.At,
                    item.Reading.Latitude,
                    item.Reading.Longitude,
                    item.Reading.Speed,
                    item.Reading.Odometer,
                    item.Reading.Ignition,
                    item.Reading.Trip,
                }),
                cancellationToken);
            return response.StatusCode == HttpStatusCode.Accepted;
        }
        catch (Exception failure) when (IsTransient(failure, cancellationToken))
        {
            return false;
        }
    }

    private Uri Address(string appId, string path)
    {
        var replicas = shop.State?.Apps.Where(app => app.AppId == appId).ToList() ?? [];
        return replicas.Count == 0
            ? throw new HttpRequestException(HttpRequestError.ConnectionError, $"There is no {appId}.")
            : new Uri($"http://127.0.0.1:{replicas[(int)((uint)Interlocked.Increment(ref _next) % (uint)replicas.Count)].AppPort}{path}");
    }

    private static bool IsTransient(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
