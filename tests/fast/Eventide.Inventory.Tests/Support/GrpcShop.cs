using System.Globalization;
using System.Text.Json;
using Dapr.Client;
using Eventide.ChildProcesses;
using Eventide.Contracts;
using Eventide.ServiceDefaults;
using Eventide.ServiceDefaults.Messaging;
using Eventide.Sidecar;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Eventide.Inventory.Tests.Support;

/// <summary>Inventory in this process behind a sidecar of the library, which speaks gRPC to it, and a second sidecar for whoever asks.</summary>
internal sealed class GrpcShop : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-inventory-").FullName;
    private readonly SidecarHost _host = new();
    private GrpcChannel? _app;
    private WebApplication? _web;
    private DaprClient? _dapr;

    /// <summary>The port of the platform's health checks.</summary>
    public int HealthPort { get; } = new FreePorts().Take();

    /// <summary>The way to inventory as its sidecar has it.</summary>
    public CallInvoker App => _app!.CreateCallInvoker();

    /// <summary>The way to inventory as other apps have it: through a sidecar of their own.</summary>
    public CallInvoker Proxied { get; private set; } = null!;

    /// <summary>APP_API_TOKEN of the sidecars and of inventory; null: none.</summary>
    private string? AppToken { get; init; }

    public static async Task<GrpcShop> StartAsync(string? appToken = null)
    {
        var shop = new GrpcShop { AppToken = appToken };
        shop.Write("pubsub", "pubsub.sqlite", "data/pubsub.db");
        shop.Write("inventory-store", "state.sqlite", "data/{appID}.db");
        var port = new FreePorts().Take();
        var sidecar = await shop.StartSidecarAsync("inventory", port);
        var caller = await shop.StartSidecarAsync("caller", null);

        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["APP_PORT"] = port.ToString(CultureInfo.InvariantCulture),
            ["APP_API_TOKEN"] = appToken,
            ["HEALTH_PORT"] = shop.HealthPort.ToString(CultureInfo.InvariantCulture),
            ["DAPR_HTTP_ENDPOINT"] = sidecar.HttpEndpoint.ToString(),
            ["DAPR_GRPC_ENDPOINT"] = sidecar.GrpcEndpoint.ToString(),
        });
        builder.AddServiceDefaults("inventory");
        builder.AddGrpcSubscriptions();
        builder.Services.AddInventory(builder.Configuration);
        builder.Logging.ClearProviders();
        shop._web = builder.Build();
        shop._web.MapServiceDefaults();
        shop._web.MapGrpcSubscriptions();
        shop._web.MapInventory();
        await shop._web.StartAsync(TestContext.Current.CancellationToken);
        await sidecar.Ready.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        shop._app = GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
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
    public ValueTask StopSidecarsAsync() => _host.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_web is not null)
        {
            await _web.DisposeAsync();
        }

        await _host.DisposeAsync();
        _app?.Dispose();
        _dapr?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Task<SidecarInstance> StartSidecarAsync(string app, int? port) => _host.StartAsync(
        new SidecarOptions
        {
            AppId = app,
            AppPort = port,
            AppProtocol = port is null ? AppProtocol.Http : AppProtocol.Grpc,
            AppApiToken = AppToken,
            HttpPort = 0,
            GrpcPort = 0,
            WorkingDirectory = _folder,
            ResourcesPaths = [Path.Combine(_folder, "components")],
        },
        TestContext.Current.CancellationToken);

    private void Write(string name, string type, string file)
    {
        Directory.CreateDirectory(Path.Combine(_folder, "components"));
        File.WriteAllText(Path.Combine(_folder, "components", $"{name}.yaml"), $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: {name}
            spec:
              type: {type}
              version: v1
              metadata:
              - name: connectionString
                value: "{file}"
            """);
    }
}
