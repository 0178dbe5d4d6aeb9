using Dapr.Client;
using Eventide.Basket;
using Eventide.Catalog;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Sidecar;
using Eventide.TestSupport.Services;
using Microsoft.AspNetCore.Builder;

namespace Eventide.Operations.Tests.Support;

/// <summary>Services of the shop in this process, each behind a sidecar of the library, which tries a failed delivery twice more.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private readonly ServicesInProcess _services = new();

    public Shop()
    {
        _services.WriteBroker();
        _services.WriteResource("policies", """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: delivery
            spec:
              policies:
                retries:
                  redeliver:
                    policy: constant
                    duration: 10ms
                    maxRetries: 2
              targets:
                components:
                  pubsub:
                    inbound:
                      retry: redeliver
            """);
    }

    /// <inheritdoc cref="ServicesInProcess.AppToken"/>
    public string? AppToken
    {
        get => _services.AppToken;
        init => _services.AppToken = value;
    }

    /// <inheritdoc cref="ServicesInProcess.ApiToken"/>
    public string? ApiToken
    {
        get => _services.ApiToken;
        init => _services.ApiToken = value;
    }

    /// <summary>Starts a service behind its sidecar; it may be called again after <see cref="StopAsync"/>.</summary>
    public async Task<HttpClient> StartAsync(string app, Action<WebApplicationBuilder> add, Action<WebApplication> map, params (string Key, string? Value)[] settings) =>
        (await _services.StartAsync(app, add, web =>
        {
            web.MapHttpSubscriptions();
            map(web);
        }, settings)).Client;

    /// <summary>The same for a service to which its sidecar speaks gRPC.</summary>
    public Task StartGrpcAsync(string app, Action<WebApplicationBuilder> add) =>
        _services.StartAsync(app, builder => add(builder.AddGrpcSubscriptions()), web => web.MapGrpcSubscriptions(), [], protocol: AppProtocol.Grpc);

    /// <summary>Operations as it is; the settings are its configuration.</summary>
    public Task<HttpClient> StartOperationsAsync(params (string Key, string? Value)[] settings) =>
        StartAsync("operations", builder => builder.Services.AddOperations(builder.Configuration), app => app.MapOperations(), settings);

    /// <summary>The catalog as it is.</summary>
    public Task<HttpClient> StartCatalogAsync() =>
        StartAsync("catalog", builder => builder.Services.AddCatalog(builder.Configuration), app => app.MapCatalog());

    /// <summary>Baskets as they are; customers sign in with tokens of a developer's tools.</summary>
    public Task<HttpClient> StartBasketAsync(params (string Key, string? Value)[] settings) => StartAsync(
        "basket", builder => builder.AddBearerSignIn().Services.AddBasket(builder.Configuration), app => app.MapBasket(),
        [("SignIn:DevelopmentTokens", "true"), .. settings]);

    /// <summary>A client of the broker and of nothing else, as a publisher has it.</summary>
    public async Task<Publisher> PublisherAsync()
    {
        var sidecar = await _services.StartSidecarAsync("publisher", appPort: null);
        return new Publisher(new DaprClientBuilder()
            .UseHttpEndpoint(sidecar.HttpEndpoint.ToString()).UseGrpcEndpoint(sidecar.GrpcEndpoint.ToString()).UseDaprApiToken(ApiToken ?? "").Build());
    }

    /// <summary>A part of a service that runs.</summary>
    public T Of<T>(string app) where T : notnull => _services.Of<T>(app);

    /// <summary>Ends every service and sidecar; what is started afterwards finds the same data.</summary>
    public Task StopAsync() => _services.StopAsync();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
