using Eventide.Sidecar.Tests.Support;
using Grpc.Core;
using Grpc.Net.Client;
using Proto = Dapr.Client.Autogen.Grpc.v1;

namespace Eventide.Sidecar.Tests.Hosting;

/// <summary>What daprd serves and this sidecar does not is refused in one sentence, on both surfaces, instead of reading like a wrong path.</summary>
public sealed class UnservedTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Over_http_the_answer_is_501()
    {
        await using var sidecars = new Sidecars();
        using var http = new HttpClient { BaseAddress = (await sidecars.StartAsync("shop")).HttpEndpoint };
        foreach (var (verb, path, api) in new[]
        {
            ("POST", "/v1.0/bindings/b", "The bindings API"), ("GET", "/v1.0/configuration/c", "The configuration API"),
            ("POST", "/v1.0-alpha1/lock/l", "The distributed lock API"), ("POST", "/v1.0-alpha1/unlock/l", "The distributed lock API"),
            ("PUT", "/v1.0/actors/a/1/method/m", "The actors API"), ("POST", "/v1.0/jobs/j", "The jobs API"), ("POST", "/v1.0-alpha1/jobs/j", "The jobs API"),
            ("PUT", "/v1.0-alpha1/crypto/c/encrypt", "The cryptography API"), ("POST", "/v1.0-alpha1/subtlecrypto/c/sign", "The cryptography API"),
            ("POST", "/v1.0-alpha1/conversation/c/converse", "The conversation API"), ("POST", "/v1.0-alpha2/conversation/c/converse", "The conversation API"),
        })
        {
            using var request = new HttpRequestMessage(new HttpMethod(verb), path);
            await HttpAssert.IsErrorAsync(
                await http.SendAsync(request, Cancel), 501, "ERR_NOT_IMPLEMENTED", $"{api} is not served by the embedded sidecar; use daprd for it");
        }
    }

    [Fact]
    public async Task Over_grpc_the_answer_is_unimplemented_for_every_method_that_nobody_serves()
    {
        await using var sidecars = new Sidecars();
        using var channel = GrpcChannel.ForAddress((await sidecars.StartAsync("shop")).GrpcEndpoint);
        var bytes = Marshallers.Create(message => message, message => message);
        var service = Proto.DaprReflection.Descriptor.Services.Single();
        var unserved = new List<string>();
        foreach (var method in service.Methods.Where(method => !method.IsClientStreaming && !method.IsServerStreaming && method.Name != "Shutdown"))
        {
            try
            {
                await channel.CreateCallInvoker().AsyncUnaryCall(
                    new Method<byte[], byte[]>(MethodType.Unary, service.FullName, method.Name, bytes, bytes), null, new CallOptions(cancellationToken: Cancel), []);
            }
            catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
            {
                Assert.Equal($"{method.Name} is not served by the embedded sidecar; use daprd for it", failure.Status.Detail);
                unserved.Add(method.Name);
            }
            catch (RpcException)
            {
                // Served: an empty request is wrong in some other way.
            }
        }

        Assert.Contains("TryLockAlpha1", unserved);
        Assert.Contains("InvokeActor", unserved);
        Assert.Contains("ScheduleJobAlpha1", unserved);
        Assert.Contains("GetConfiguration", unserved);
        foreach (var served in new[]
        {
            "GetState", "GetBulkState", "SaveState", "DeleteState", "DeleteBulkState", "ExecuteStateTransaction", "QueryStateAlpha1", "PublishEvent",
            "BulkPublishEvent", "BulkPublishEventAlpha1", "InvokeService", "GetSecret", "GetBulkSecret", "GetMetadata", "SetMetadata",
        })
        {
            Assert.DoesNotContain(served, unserved);
        }
    }
}
