using Eventide.Sidecar.BuildingBlocks.Invocation;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Configuration;

/// <summary>
/// spec.api: which APIs are served (Dapr: pkg/api/http, pkg/api/grpc/endpoints.go). What is not served is as if it did not exist: 404 on HTTP, UNIMPLEMENTED
/// on gRPC. Health is always served.
/// </summary>
internal sealed class ApiAccess(SidecarConfiguration configuration)
{
    // The groups of the HTTP paths, and the gRPC methods that are the same API.
    private static readonly (string Name, string[] Methods)[] Groups =
    [
        ("state", ["GetState", "GetBulkState", "SaveState", "QueryStateAlpha1", "DeleteState", "DeleteBulkState", "ExecuteStateTransaction"]),
        ("publish", ["PublishEvent", "BulkPublishEvent", "BulkPublishEventAlpha1"]),
        ("subscribe", ["SubscribeTopicEventsAlpha1"]),
        ("invoke", ["InvokeService"]),
        ("bindings", ["InvokeBinding"]),
        ("secrets", ["GetSecret", "GetBulkSecret"]),
        ("configuration", ["GetConfiguration", "GetConfigurationAlpha1", "SubscribeConfiguration", "SubscribeConfigurationAlpha1", "UnsubscribeConfiguration", "UnsubscribeConfigurationAlpha1"]),
        ("metadata", ["GetMetadata", "SetMetadata"]),
        ("shutdown", ["Shutdown"]),
        ("workflows", ["StartWorkflowBeta1", "GetWorkflowBeta1", "TerminateWorkflowBeta1", "RaiseEventWorkflowBeta1", "PauseWorkflowBeta1", "ResumeWorkflowBeta1", "PurgeWorkflowBeta1"]),
    ];

    private readonly bool _isLimited = configuration.AllowedApis.Count > 0 || configuration.DeniedApis.Count > 0;

    /// <summary>Middleware: lets through what is served.</summary>
    public async Task AdmitAsync(HttpContext context, RequestDelegate next)
    {
        if (!_isLimited || IsServed(context.Request))
        {
            await next(context);
            return;
        }

        if (GrpcProxy.IsGrpc(context.Request))
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "12";
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString("requested endpoint is not available");
            return;
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
    }

    private bool IsServed(HttpRequest request)
    {
        var parts = (request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts is not [var first, var second, ..] || (first == "v1.0" && second == "healthz"))
        {
            return true;
        }

        var isGrpc = GrpcProxy.IsGrpc(request);
        var (protocol, version, name) = ("http", first, second);
        if (isGrpc)
        {
            // The app's own methods are invocation; only the API's are asked for here.
            if (first != "dapr.proto.runtime.v1.Dapr" || Array.Find(Groups, group => group.Methods.Contains(second)) is not { Name: { } group })
            {
                return true;
            }

            var alpha = second.EndsWith("Alpha1", StringComparison.Ordinal) ? "v1.0-alpha1" : second.EndsWith("Beta1", StringComparison.Ordinal) ? "v1.0-beta1" : "v1.0";
            (protocol, version, name) = ("grpc", alpha, group);
        }

        bool Matches(ApiRule rule) => rule.Version == version && (rule.Protocol is null || rule.Protocol == protocol)
            && (rule.Name == name || rule.Name.StartsWith(name + "/", StringComparison.Ordinal) && !isGrpc && string.Join('/', parts[1..]).StartsWith(rule.Name, StringComparison.Ordinal));
        return !configuration.DeniedApis.Any(Matches) && (configuration.AllowedApis.Count == 0 || configuration.AllowedApis.Any(Matches));
    }
}
