using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Eventide.ChildProcesses;
using Eventide.Contracts;
using Eventide.Saga.Tests.Faults;
using Eventide.Sidecar;

namespace Eventide.Saga.Tests.Hosting;

/// <summary>
/// Catalog, inventory, payment, shipping and ordering with their sidecars in this process, or all modules as one app with one sidecar, on the embedded store and
/// broker. Messages are shuffled and doubled, as Redis and RabbitMQ may do.
/// </summary>
internal sealed class Shop(ShopShape shape) : IAsyncDisposable
{
    /// <summary>Printed with every failure; the choices of a run follow from it as far as threads allow.</summary>
    public static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("EVENTIDE_SEED"), out var seed) ? seed : Random.Shared.Next(1, 1_000_000);

    private const string Customer = "ada";
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-saga-").FullName;
    private readonly SidecarHost _sidecars = new(disorder: new DeliveryDisorder(Seed));
    private readonly List<HostedService> _services = [];
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(30) };

    public FaultBoard Faults { get; } = new();

    /// <summary>The apps of this shop.</summary>
    public IReadOnlyList<string> Apps => [.. _services.Select(service => service.App)];

    /// <summary>The app that runs a module.</summary>
    public HostedService this[string module] => _services.Single(service => service.App == shape.AppOf(module));

    /// <param name="repeatAfter">A saga sends a request again after this time.</param>
    /// <param name="stepTimeout">A saga gives a step up after this time.</param>
    public static async Task<Shop> StartAsync(ShopShape shape, TimeSpan repeatAfter, TimeSpan stepTimeout)
    {
        var shop = new Shop(shape);
        TestComponents.Write(shop._folder);
        var settings = new Dictionary<string, string?>
        {
            ["Saga:RepeatAfter"] = repeatAfter.ToString(),
            ["Saga:StepTimeout"] = stepTimeout.ToString(),
            ["SignIn:DevelopmentTokens"] = "true",
        };
        shop._services.AddRange(Module.Of(shape).Select(module => new HostedService(module, shop._sidecars, shop._folder, shop.Faults, settings, FreePort())));
        await Task.WhenAll(shop._services.Select(service => service.StartAsync()));
        return shop;
    }

    /// <summary>The id that an order with this key has.</summary>
    public static string IdOf(string key) => OrderIds.Of(Customer, key);

    /// <summary>POST /orders, repeated under the same key until it is accepted.</summary>
    public async Task PlaceAsync(string key, OrderRequest order)
    {
        await Eventually.HoldsAsync(async () =>
        {
            using var answer = await SendAsync(HttpMethod.Post, "/orders", JsonContent.Create(order), key);
            Assert.True(answer.StatusCode is HttpStatusCode.Accepted or HttpStatusCode.ServiceUnavailable, $"{answer.StatusCode}: {await answer.Content.ReadAsStringAsync()}");
            return answer.StatusCode == HttpStatusCode.Accepted;
        }, $"order {key} to be accepted");
    }

    /// <summary>POST /orders/{id}/cancel.</summary>
    public async Task<HttpStatusCode> CancelAsync(string orderId)
    {
        using var answer = await SendAsync(HttpMethod.Post, $"/orders/{orderId}/cancel");
        return answer.StatusCode;
    }

    /// <summary>GET /orders/{id}; null while the service is away.</summary>
    public async Task<OrderStatus?> FindAsync(string orderId)
    {
        try
        {
            using var answer = await SendAsync(HttpMethod.Get, $"/orders/{orderId}");
            return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<OrderStatus>(JsonSerializerOptions.Web) : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <summary>Sends a request to ordering as a customer who signed in.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content = null, string? key = null, string? customer = Customer)
    {
        using var request = new HttpRequestMessage(method, new Uri(this["ordering"].Address, path)) { Content = content };
        if (customer is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DevelopmentSignIn.TokenFor(customer, DateTimeOffset.UtcNow.AddHours(1)));
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await _http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_services.Select(service => service.DisposeAsync().AsTask()));
        await _sidecars.DisposeAsync();
        _http.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>A port that nobody listens on now.</summary>
    public static int FreePort() => new FreePorts().Take();
}

/// <summary>What a customer sends.</summary>
internal sealed record OrderRequest(IReadOnlyList<OrderRequestLine> Lines, string PaymentToken = "tok_visa", string Country = "DE")
{
    public static OrderRequest Good { get; } = new([new("SKU-001", 1), new("SKU-007", 2)]);

    public static OrderRequest Declined { get; } = Good with { PaymentToken = "tok_declined" };

    public static OrderRequest NotDeliverable { get; } = Good with { Country = "AQ" };

    public static OrderRequest OutOfStock { get; } = Good with { Lines = [new("SKU-001", 1), new("SKU-060", 1000)] };
}

/// <summary>A product and how many of it.</summary>
internal sealed record OrderRequestLine(string Sku, int Quantity);

/// <summary>What a customer sees.</summary>
internal sealed record OrderStatus(string Id, string State, decimal Total, string? Reason, int Version, IReadOnlyDictionary<string, string> Steps)
{
    public bool IsTerminal => State is "Confirmed" or "Cancelled";
}
