using System.Globalization;
using System.Text.Json;
using Dapr.Client;
using Eventide.ChildProcesses;
using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.Sidecar;
using Eventide.TestSupport.Services;
using Grpc.Core;
using Grpc.Net.Client;

namespace Eventide.Inventory.Tests.Support;

/// <summary>Inventory in this process behind a sidecar of the library, which speaks gRPC to it, and a second sidecar for whoever asks.</summary>
internal sealed class GrpcShop : IAsyncDisposable
{
    private readonly ServicesInProcess _services = new();
    private GrpcChannel? _app;
    private DaprClient? _dapr;

    /// <summary>The port of the platform's health checks.</summary>
    public int HealthPort { get; } = new FreePorts().Take();

    /// <summary>The way to inventory as its sidecar has it.</summary>
    public CallInvoker App => _app!.CreateCallInvoker();

    /// <summary>The way to inventory as other apps have it: through a sidecar of their own.</summary>
    public CallInvoker Proxied { get; private set; } = null!;

    /// <param name="appToken">APP_API_TOKEN of the sidecars and of inventory; null: none.</param>
    public static async Task<GrpcShop> StartAsync(string? appToken = null)
    {
        var shop = new GrpcShop();
        shop._services.AppToken = appToken;
        shop._services.WriteBroker();
        var inventory = await shop._services.StartAsync(
            "inventory",
            builder => builder.AddGrpcSubscriptions().Services.AddInventory(builder.Configuration),
            web =>
            {
                web.MapGrpcSubscriptions();
                web.MapInventory();
            },
            [("HEALTH_PORT", shop.HealthPort.ToString(CultureInfo.InvariantCulture))],
            protocol: AppProtocol.Grpc);
        var caller = await shop._services.StartSidecarAsync("caller", appPort: null);
        shop._app = GrpcChannel.ForAddress(inventory.Client.BaseAddress!);
        shop._dapr = new DaprClientBuilder().UseHttpEndpoint(caller.HttpEndpoint.ToString()).UseGrpcEndpoint(caller.GrpcEndpoint.ToString()).Build();
        shop.Proxied = DaprClient.CreateInvocationInvoker("inventory", caller.GrpcEndpoint.ToString());
        return shop;
    }

    /// <summary>Publishes as the shop's services do, but with data that may be anything.</summary>
    public Task PublishAsync(string topic, string type, string id, object data) => _dapr!.PublishByteEventAsync(
        Topics.PubSub, topic,
        JsonSerializer.SerializeToUtf8Bytes(
            new { specversion = "1.0", id, source = "test", type, datacontenttype = "application/json", data }, EventHandlingExtensions.Json),
        "application/cloudevents+json", cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>What a call answers that is not there at first.</summary>
    public static async Task<T> EventuallyAsync<T>(Func<Task<T>> ask, Func<T, bool> isIt)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(20));
        while (true)
        {
            try
            {
                if (await ask() is var answer && isIt(answer))
                {
                    return answer;
                }
            }
            catch (RpcException failure) when (failure.StatusCode == StatusCode.NotFound)
            {
                // Not yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), limit.Token);
        }
    }

    /// <summary>Ends every sidecar: the store cannot be reached any more.</summary>
    public ValueTask StopSidecarsAsync() => _services.StopSidecarsAsync();

    public async ValueTask DisposeAsync()
    {
        _app?.Dispose();
        _dapr?.Dispose();
        await _services.DisposeAsync();
    }
}
