using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.Api.Grpc;
using Eventide.Sidecar.Resiliency;
using Eventide.Sidecar.Tracing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>
/// Invocation where caller and app speak differently: InvokeService over gRPC to any app, and HTTP calls to an app that implements AppCallback.OnInvoke
/// (Dapr: pkg/channel/grpc, pkg/api/grpc). Thread-safe.
/// </summary>
internal sealed class AppInvoker(InvocationTargets targets, IResiliencyPolicies policies, SidecarOptions options) : IGrpcMethods
{
    private static readonly Method<InvokeRequest, InvokeResponse> OnInvoke = new(
        MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "OnInvoke",
        Marshallers.Create(message => message.ToByteArray(), InvokeRequest.Parser.ParseFrom),
        Marshallers.Create(message => message.ToByteArray(), InvokeResponse.Parser.ParseFrom));

    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar) => registrar.Unary<InvokeServiceRequest, InvokeResponse>("InvokeService", InvokeServiceAsync);

    /// <summary>An HTTP call to an app that speaks gRPC: one OnInvoke, its status as an HTTP status.</summary>
    public async Task InvokeGrpcAppAsync(HttpContext context, InvocationTarget callee, string pathAndQuery)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var parts = pathAndQuery.Split('?', 2);
        _ = System.Enum.TryParse<HTTPExtension.Types.Verb>(context.Request.Method, ignoreCase: true, out var verb);
        var request = new InvokeRequest
        {
            Method = parts[0].TrimStart('/'),
            ContentType = context.Request.ContentType ?? "",
            Data = new Any { Value = ByteString.CopyFrom(body.ToArray()) },
            HttpExtension = new HTTPExtension { Verb = verb, Querystring = parts.Length > 1 ? parts[1] : "" },
        };
        try
        {
            // The caller's sidecar has applied its policy already.
            var policy = InternalCalls.Is(context) ? policies.ForUnreachableApp : Policy(callee, request.Method);
            var response = await CallAsync(callee, request, InternalCalls.Caller(context, options), policy, context.RequestAborted);
            context.Response.ContentType = response.ContentType.Length > 0 ? response.ContentType : "application/json";
            await context.Response.Body.WriteAsync(response.Data?.Value.Memory ?? default, context.RequestAborted);
        }
        catch (RpcException failure)
        {
            context.Response.StatusCode = GrpcStatusCodes.ToHttp(failure.StatusCode);
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync(failure.Status.Detail, context.RequestAborted);
        }
    }

    private async Task<InvokeResponse> InvokeServiceAsync(InvokeServiceRequest request, ServerCallContext call)
    {
        var callee = await targets.FindAsync(request.Id, isInternal: false, call.CancellationToken);
        var message = request.Message ?? throw new RpcException(new Status(StatusCode.InvalidArgument, "the request has no message"));
        if (callee.NeedsOnInvoke)
        {
            return await CallAsync(callee, message, (options.AppId, options.Namespace), Policy(callee, message.Method), call.CancellationToken);
        }

        try
        {
            using var response = await SendAsync(callee, message, call);
            var body = await response.Content.ReadAsByteArrayAsync(call.CancellationToken);
            call.ResponseTrailers.Add("dapr-http-status", ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture));
            return response.IsSuccessStatusCode
                ? new InvokeResponse
                {
                    ContentType = response.Content.Headers.ContentType?.ToString() ?? "",
                    Data = new Any { Value = UnsafeByteOperations.UnsafeWrap(body) },
                }
                : throw new RpcException(new Status(
                    GrpcStatusCodes.FromHttp((int)response.StatusCode), $"{(int)response.StatusCode} {response.ReasonPhrase}"));
        }
        catch (Exception failure) when (failure is HttpRequestException or BrokenCircuitException or TimeoutRejectedException)
        {
            throw InvocationTargets.Failed(request.Id, failure.Message);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(InvocationTarget callee, InvokeRequest message, ServerCallContext call)
    {
        try
        {
            return await Policy(callee, message.Method).ExecuteAsync(
                async token => await AppAnsweredException.ThrowIfErrorAsync(
                    await callee.Channel.SendAsync(Http(message, call, callee.AppId), token), token),
                call.CancellationToken);
        }
        catch (AppAnsweredException answer)
        {
            return answer.Response;
        }
    }

    private ResiliencePipeline Policy(InvocationTarget callee, string method)
    {
        var policy = policies.ForApp(callee.AppId, "/" + method.TrimStart('/'));
        return policy == ResiliencePipeline.Empty ? policies.ForUnreachableApp : policy;
    }

    private HttpRequestMessage Http(InvokeRequest message, ServerCallContext call, string calleeAppId)
    {
        var verb = message.HttpExtension?.Verb is null or HTTPExtension.Types.Verb.None ? "POST" : message.HttpExtension.Verb.ToString().ToUpperInvariant();
        var query = message.HttpExtension?.Querystring is { Length: > 0 } text ? "?" + text : "";
        var request = new HttpRequestMessage(new HttpMethod(verb), new Uri($"/{message.Method.TrimStart('/')}{query}", UriKind.Relative));
        if (message.Data?.Value.Length > 0)
        {
            request.Content = new ReadOnlyMemoryContent(message.Data.Value.Memory);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", message.ContentType.Length > 0 ? message.ContentType : "application/json");
        }

        var headers = new HeaderDictionary();
        foreach (var entry in call.RequestHeaders.Where(entry => !entry.IsBinary && !entry.Key.StartsWith("grpc-", StringComparison.Ordinal)
                                                                 && entry.Key is not ("content-type" or "user-agent")))
        {
            headers.Append(entry.Key, entry.Value);
        }

        ForwardedHeaders.ToCallee(headers, request, (options.AppId, options.Namespace), calleeAppId);
        return request;
    }

    private static async Task<InvokeResponse> CallAsync(
        InvocationTarget callee, InvokeRequest request, (string AppId, string Namespace) caller, ResiliencePipeline policy, CancellationToken cancellationToken)
    {
        var headers = new global::Grpc.Core.Metadata
        {
            { "dapr-caller-app-id", caller.AppId }, { "dapr-callee-app-id", callee.AppId }, { "dapr-caller-namespace", caller.Namespace },
        };
        if (SidecarTracing.TraceParent is { } traceParent)
        {
            headers.Add("traceparent", traceParent);
        }

        try
        {
            return await policy.ExecuteAsync(
                async token => await callee.Channel.Grpc.AsyncUnaryCall(OnInvoke, null, new CallOptions(headers, cancellationToken: token), request),
                cancellationToken);
        }
        catch (Exception failure) when (failure is BrokenCircuitException or TimeoutRejectedException)
        {
            throw InvocationTargets.Failed(callee.AppId, failure.Message);
        }
    }
}
