using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Eventide.Contracts;
using Eventide.Scaling.Load.Schedule;
using Eventide.Tools;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Load.Targets;

/// <summary>A running shop, over the addresses that its customers and vehicles use. Processes of a scaled app are taken in turn.</summary>
public sealed class ShopTarget : ILoadTarget, IDisposable
{
    private const string Telemetry = "telemetry";
    private const string Catalog = "catalog";
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    // Longer than any run: tokens are made once for each customer and vehicle.
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromDays(30);
    private static readonly LoadAnswer NoAnswer = new(Verdict.Failed, 0);
    private readonly ConcurrentDictionary<string, string> _tokens = new();
    private readonly RunningShop _shop;
    private readonly ShopClient _client;

    private ShopTarget(RunningShop shop)
    {
        _shop = shop;
        _client = new ShopClient(() => _shop.State, spread: true);
    }

    /// <summary>The shop that was started with this data folder.</summary>
    public static ShopTarget Running(string data) => new(new RunningShop(data, TimeProvider.System));

    /// <summary>Asks whether the shop is there with all that a plan needs.</summary>
    /// <exception cref="Exception">It is not; the message says what to do.</exception>
    public async Task RequireAsync(bool hasFleet, CancellationToken cancellationToken)
    {
        foreach (var app in hasFleet ? [Telemetry, "fleet"] : new[] { Catalog, "basket", "ordering" })
        {
            if (!_client.Has(app))
            {
                throw new ToolException($"The shop runs without the service {app}; add it to the run file, or leave its load out with {(hasFleet ? "VEHICLES=0" : "ORDERS_PER_DAY=0")}.");
            }
        }

        var answer = await AskAsync(HttpMethod.Get, hasFleet ? Telemetry : Catalog, "/healthz", null, null, cancellationToken);
        if (answer == NoAnswer)
        {
            throw new ToolException("No shop runs here. Start it with `make run` in another terminal; with DATA=DIR, give the same to both.");
        }
    }

    /// <inheritdoc/>
    public Task<LoadAnswer> BrowseAsync(string path, CancellationToken cancellationToken) => AskAsync(HttpMethod.Get, Catalog, path, null, null, cancellationToken);

    /// <inheritdoc/>
    public Task<LoadAnswer> PutInBasketAsync(string customer, BasketStep step, CancellationToken cancellationToken) => AskAsync(
        HttpMethod.Put, "basket", $"/basket/items/{step.Sku}", customer,
        () => new StringContent(string.Create(CultureInfo.InvariantCulture, $"{{\"quantity\":{step.Quantity}}}"), Encoding.UTF8, Json), cancellationToken);

    /// <inheritdoc/>
    public Task<LoadAnswer> PlaceOrderAsync(Purchase purchase, CancellationToken cancellationToken)
    {
        var order = new PlaceOrder([.. purchase.Basket.Select(step => new PlaceOrderLine(step.Sku, step.Quantity))], purchase.PaymentToken, purchase.Country);
        return AnswerAsync(
            async token => Answer((int)(await _client.PlaceAsync(purchase.Customer, purchase.Key, order, token)).Status), failed => failed, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<OrderLook> FindOrderAsync(string customer, string orderId, CancellationToken cancellationToken) => AnswerAsync(
        async token =>
        {
            var answer = await _client.FindOrderAsync(customer, orderId, token);
            return new OrderLook(
                Answer((int)answer.Status), answer.Order?.State switch { OrderView.Confirmed => OrderEnd.Confirmed, OrderView.Cancelled => OrderEnd.Cancelled, _ => OrderEnd.Open });
        },
        failed => new OrderLook(failed, OrderEnd.Open),
        cancellationToken);

    /// <inheritdoc/>
    public Task<ReportAnswer> ReportAsync(
        string sender, bool isGateway, IReadOnlyList<DeviceReading> readings, DeviceClock clock, CancellationToken cancellationToken) => AnswerAsync(
        async token =>
        {
            var isSingle = !isGateway && readings.Count == 1;
            using var content = ReadingsBody.Of(readings, clock, isSingle);
            using var response = await _client.SendAsync(
                HttpMethod.Post, Telemetry, isSingle ? $"/vehicles/{sender}/readings" : "/readings", TokenOf(sender, isGateway ? FleetScopes.ReportForAll : null), content, token);
            return new ReportAnswer(Answer((int)response.StatusCode), (int)response.StatusCode == 207 ? await ReadingsBody.RefusedAsync(response, token) : []);
        },
        failed => new ReportAnswer(failed, []),
        cancellationToken);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<VehicleCount>?> FindVehiclesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.FindAsync<VehicleCount[]>("fleet", $"/vehicles?ids={string.Join(',', ids)}", cancellationToken);
        }
        catch (Exception failure) when (IsNoAnswer(failure, cancellationToken))
        {
            _shop.Forget();
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private Task<LoadAnswer> AskAsync(HttpMethod method, string app, string path, string? customer, Func<HttpContent>? body, CancellationToken cancellationToken) => AnswerAsync(
        async token =>
        {
            using var content = body?.Invoke();
            using var response = await _client.SendAsync(method, app, path, customer is null ? null : TokenOf(customer, null), content, token);
            return Answer((int)response.StatusCode);
        },
        failed => failed,
        cancellationToken);

    /// <summary>Asks; one that could not even connect once more, at another process: the first may have been taken out at this moment.</summary>
    private async Task<T> AnswerAsync<T>(Func<CancellationToken, Task<T>> ask, Func<LoadAnswer, T> failed, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ask(cancellationToken);
            }
            catch (Exception failure) when (IsNoAnswer(failure, cancellationToken))
            {
                _shop.Forget();
                if (attempt == 2 || failure is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
                {
                    return failed(NoAnswer);
                }
            }
        }
    }

    private static bool IsNoAnswer(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or IOException or JsonException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private static LoadAnswer Answer(int status) => new(status < 400 ? Verdict.Answered : status < 500 ? Verdict.Refused : Verdict.Failed, status);

    private string TokenOf(string subject, string? scope) =>
        _tokens.GetOrAdd(subject, static (key, wanted) => DevelopmentSignIn.TokenFor(key, DateTimeOffset.UtcNow + TokenLifetime, wanted), scope);
}
