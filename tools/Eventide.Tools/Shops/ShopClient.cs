using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization;
using Eventide.Contracts;
using Eventide.Contracts.Grpc;
using Eventide.Tools.Evidence;
using Grpc.Core;
using Grpc.Net.Client;

namespace Eventide.Tools.Shops;

/// <summary>The shop's addresses as a customer and an operator use them. Thread-safe.</summary>
/// <param name="shop">Asked before each call, because a shop that was started again is elsewhere; null while there is none.</param>
/// <param name="spread">Takes the processes of an app in turn, as what stands before a scaled service does; otherwise always the first.</param>
internal sealed class ShopClient(Func<RunState?> shop, bool spread = false) : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Converters = { new JsonStringEnumConverter() } };
    private static readonly TimeSpan TokenLifetime = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, GrpcChannel> _channels = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ConnectTimeout = TimeSpan.FromSeconds(5) }) { Timeout = TimeSpan.FromSeconds(30) };

    private uint _turn;

    // As if nobody listened, which is what it is.
    private RunState Shop => shop() ?? throw new HttpRequestException(HttpRequestError.ConnectionError, "The shop is not open.");

    /// <summary>Whether the shop has such a service.</summary>
    public bool Has(string appId) => Shop.Find(appId) is not null;

    /// <summary>PUT /basket/items/{sku}; false when it was not taken.</summary>
    public async Task<bool> PutInBasketAsync(string customerId, PlaceOrderLine line, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Put, "basket", $"/basket/items/{line.Sku}", customerId);
        request.Content = JsonContent.Create(new { line.Quantity }, options: Json);
        using var response = await _http.SendAsync(request, cancellationToken);
        return response.IsSuccessStatusCode;
    }

    /// <summary>POST /orders.</summary>
    public async Task<OrderAnswer> PlaceAsync(string customerId, string idempotencyKey, PlaceOrder order, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, "ordering", "/orders", customerId);
        request.Headers.Add("Idempotency-Key", idempotencyKey);
        request.Content = JsonContent.Create(order, options: Json);
        return await OrderAsync(request, cancellationToken);
    }

    /// <summary>POST /orders/{id}/cancel.</summary>
    public async Task<OrderAnswer> CancelAsync(string customerId, string orderId, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, "ordering", $"/orders/{orderId}/cancel", customerId);
        return await OrderAsync(request, cancellationToken);
    }

    /// <summary>GET /orders/{id}.</summary>
    public async Task<OrderAnswer> FindOrderAsync(string customerId, string orderId, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, "ordering", $"/orders/{orderId}", customerId);
        return await OrderAsync(request, cancellationToken);
    }

    /// <summary>Any request.</summary>
    /// <param name="token">Of whoever signs in; null for questions that anybody may ask.</param>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string appId, string path, string? token, HttpContent? content, CancellationToken cancellationToken)
    {
        using var request = Request(method, appId, path);
        request.Content = content;
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        return await _http.SendAsync(request, cancellationToken);
    }

    /// <summary>A document that a service shows; null when it has none.</summary>
    /// <exception cref="HttpRequestException">The service does not answer, or with an error.</exception>
    public async Task<T?> FindAsync<T>(string appId, string path, CancellationToken cancellationToken, string? customerId = null) where T : class
    {
        using var request = Request(HttpMethod.Get, appId, path, customerId);
        using var response = await _http.SendAsync(request, cancellationToken);
        return response.StatusCode == HttpStatusCode.NotFound
            ? null
            : await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<T>(Json, cancellationToken);
    }

    /// <summary>Inventory's levels of every SKU.</summary>
    /// <exception cref="HttpRequestException">The service does not answer, or with an error.</exception>
    public async Task<IReadOnlyList<StockView>> StockAsync(CancellationToken cancellationToken)
    {
        if (IsHttp("inventory"))
        {
            return (await FindAsync<IReadOnlyList<StockView>>("inventory", "/stock", cancellationToken))!;
        }

        var answer = await AskAsync(stock => stock.ListStockAsync(new ListStockRequest(), cancellationToken: cancellationToken));
        return [.. answer!.Levels.Select(level => new StockView(level.Sku, level.Initial, level.Available, level.Reserved, level.Sold, level.Version))];
    }

    /// <summary>Inventory's record of an order; null when it has none.</summary>
    /// <exception cref="HttpRequestException">The service does not answer, or with an error.</exception>
    public async Task<ReservationView?> FindReservationAsync(string orderId, CancellationToken cancellationToken)
    {
        if (IsHttp("inventory"))
        {
            return await FindAsync<ReservationView>("inventory", $"/reservations/{orderId}", cancellationToken);
        }

        return await AskAsync(stock => stock.GetReservationAsync(new GetReservationRequest { OrderId = orderId }, cancellationToken: cancellationToken)) is { } found
            ? new ReservationView(found.OrderId, found.State.ToString())
            : null;
    }

    /// <summary>Every dead letter that operations keeps, dealt with or not.</summary>
    public async Task<IReadOnlyList<DeadLetterView>> DeadLettersAsync(CancellationToken cancellationToken)
    {
        var letters = new List<DeadLetterView>();
        var page = await FindAsync<DeadLetterPage>(Subscriptions.Observer, "/dead-letters?state=all&take=200", cancellationToken);
        letters.AddRange(page?.DeadLetters ?? []);
        while (page?.Next is { } next)
        {
            page = await FindAsync<DeadLetterPage>(Subscriptions.Observer, $"/dead-letters?state=all&take=200&before={Uri.EscapeDataString(next)}", cancellationToken);
            letters.AddRange(page?.DeadLetters ?? []);
        }

        return letters;
    }

    /// <summary>Publishes a CloudEvent through a sidecar of the shop.</summary>
    public async Task PublishAsync(string topic, string envelope, CancellationToken cancellationToken)
    {
        var sidecar = Shop.Apps[0].DaprHttpPort;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"http://127.0.0.1:{sidecar}/v1.0/publish/{Topics.PubSub}/{topic}"));
        request.Content = new StringContent(envelope, new MediaTypeHeaderValue("application/cloudevents+json"));
        Show(request, "DAPR_API_TOKEN");
        using var response = await _http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose()
    {
        foreach (var channel in _channels.Values)
        {
            channel.Dispose();
        }

        _http.Dispose();
    }

    // An app to which its sidecar speaks HTTP has no port for gRPC.
    private bool IsHttp(string service) => Find(service).AppProtocol == "http";

    // The shop has the tokens of the environment in which it was started.
    private static void Show(HttpRequestMessage request, string variable)
    {
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } token)
        {
            request.Headers.Add("dapr-api-token", token);
        }
    }

    private async Task<T?> AskAsync<T>(Func<Stock.StockClient, AsyncUnaryCall<T>> ask) where T : class
    {
        // A shop that was opened again may have other ports.
        var channel = _channels.GetOrAdd($"http://127.0.0.1:{Find("inventory").AppPort}", address => GrpcChannel.ForAddress(
            address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false } }));
        try
        {
            return await ask(new Stock.StockClient(channel));
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
        catch (RpcException failure) when (failure.StatusCode != StatusCode.Cancelled)
        {
            throw new HttpRequestException($"inventory answered {failure.Status}", failure);
        }
    }

    private async Task<OrderAnswer> OrderAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var response = await _http.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.IsSuccessStatusCode
            ? new OrderAnswer(response.StatusCode, JsonSerializer.Deserialize<OrderView>(body, Json), null)
            : new OrderAnswer(response.StatusCode, null, body);
    }

    private RunningApp Find(string appId) =>
        Shop.Find(appId, spread ? Interlocked.Increment(ref _turn) : 0) ?? throw new ToolException($"The shop runs without the service {appId}; add it to the run file.");

    private HttpRequestMessage Request(HttpMethod method, string appId, string path, string? customerId = null)
    {
        var request = new HttpRequestMessage(method, new Uri($"http://127.0.0.1:{Find(appId).AppPort}{path}"));
        Show(request, "APP_API_TOKEN");
        if (customerId is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentSignIn.TokenFor(customerId, DateTimeOffset.UtcNow + TokenLifetime));
        }

        return request;
    }
}

/// <summary>What a customer orders.</summary>
internal sealed record PlaceOrder(IReadOnlyList<PlaceOrderLine> Lines, string PaymentToken, string Country);

/// <summary>A product and how many of it.</summary>
internal sealed record PlaceOrderLine(string Sku, int Quantity);

/// <summary>An order as its customer sees it.</summary>
internal sealed record OrderView(
    string Id, string State, decimal Total, string? Reason, int Version, IReadOnlyList<OrderLine> Lines, IReadOnlyDictionary<string, string> Steps)
{
    public const string Confirmed = "Confirmed";
    public const string Cancelled = "Cancelled";

    public bool IsTerminal => State is Confirmed or Cancelled;
}

/// <summary>An answer about an order: the order, or the problem (RFC 9457).</summary>
internal sealed record OrderAnswer(HttpStatusCode Status, OrderView? Order, string? Problem);
