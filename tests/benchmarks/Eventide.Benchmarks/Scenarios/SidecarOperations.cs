using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Benchmarks.Peers;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>A call through the sidecar and the comparison without it; the argument numbers the calls.</summary>
internal sealed record Operation(string Name, Func<int, Task> ThroughSidecar, Func<int, Task> Direct);

/// <summary>
/// The operations whose latency is measured, each with 1 KiB. The comparison of publish and state is an echo of the same bytes by the app over the same protocol:
/// what any call to another process costs, so that the difference is the sidecar's work.
/// </summary>
internal sealed class SidecarOperations : IDisposable
{
    public const string InvokeHttp = "invoke, HTTP";
    public const string InvokeGrpc = "invoke, gRPC";
    public const string PublishToMemory = "publish, gRPC, memory";
    public const string PublishDurably = "publish, gRPC, durable";
    public const string StateGetGrpc = "state get, gRPC";
    public const string StateGetHttp = "state get, HTTP";
    private const int Keys = 100;
    private static readonly byte[] Payload = [.. Enumerable.Range(0, 1024).Select(i => (byte)('a' + (i % 26)))];

    // Serialized once: the client's share is not what is measured.
    private static readonly ByteString Bytes = ByteString.CopyFrom(Payload);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null });
    private readonly GrpcChannel _sidecar;
    private readonly GrpcChannel _app;

    private SidecarOperations(AppAddresses app, SidecarAddresses sidecar)
    {
        _sidecar = GrpcChannel.ForAddress(sidecar.Grpc);
        _app = GrpcChannel.ForAddress($"http://127.0.0.1:{app.Grpc}");
        var dapr = new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(_sidecar);
        var (proxied, echo) = (new Echo.EchoClient(_sidecar), new Echo.EchoClient(_app));
        var (toApp, toEcho) = (new Metadata { { "dapr-app-id", SidecarPeer.GrpcApp } }, new Uri($"http://127.0.0.1:{app.Http}/echo"));
        var invoke = new Uri(sidecar.Http, $"/v1.0/invoke/{SidecarPeer.HttpApp}/method/echo");
        var keys = Enumerable.Range(0, Keys).Select(i => new Uri(sidecar.Http, $"/v1.0/state/durable-store/{Key(i)}")).ToArray();
        Task Direct(int _) => PostAsync(toEcho);
        async Task DirectGrpc(int _) => await echo.SayAsync(new Payload { Data = Bytes });
        async Task Publish(string bus) => await dapr.PublishEventAsync(
            new PublishEventRequest { PubsubName = bus, Topic = "bench", Data = Bytes, DataContentType = "text/plain" });
        All =
        [
            new(InvokeHttp, _ => PostAsync(invoke), Direct),
            new(InvokeGrpc, async _ => await proxied.SayAsync(new Payload { Data = Bytes }, toApp), DirectGrpc),
            new(PublishToMemory, _ => Publish("memory-bus"), DirectGrpc),
            new(PublishDurably, _ => Publish("durable-bus"), DirectGrpc),
            new(StateGetGrpc, async i => await dapr.GetStateAsync(new GetStateRequest { StoreName = "durable-store", Key = Key(i) }), DirectGrpc),
            new(StateGetHttp, i => GetAsync(keys[i % Keys]), Direct),
        ];
    }

    public IReadOnlyList<Operation> All { get; }

    /// <summary>Connects, and fills the store with the keys that are read.</summary>
    public static async Task<SidecarOperations> ConnectAsync(AppAddresses app, SidecarAddresses sidecar, CancellationToken cancellationToken)
    {
        var operations = new SidecarOperations(app, sidecar);
        var save = new SaveStateRequest { StoreName = "durable-store" };
        save.States.Add(Enumerable.Range(0, Keys).Select(i => new StateItem { Key = Key(i), Value = ByteString.CopyFromUtf8($"\"{Bytes.ToStringUtf8()}\"") }));
        await new Dapr.Client.Autogen.Grpc.v1.Dapr.DaprClient(operations._sidecar).SaveStateAsync(save, cancellationToken: cancellationToken);
        return operations;
    }

    public void Dispose()
    {
        _http.Dispose();
        _sidecar.Dispose();
        _app.Dispose();
    }

    private static string Key(int index) => $"key-{index % Keys}";

    private async Task PostAsync(Uri address)
    {
        using var response = await _http.PostAsync(address, new ReadOnlyMemoryContent(Payload));
        response.EnsureSuccessStatusCode();
    }

    private async Task GetAsync(Uri address)
    {
        using var response = await _http.GetAsync(address);
        response.EnsureSuccessStatusCode();
    }
}
