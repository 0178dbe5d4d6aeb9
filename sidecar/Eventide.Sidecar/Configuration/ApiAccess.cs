using Eventide.Sidecar.BuildingBlocks.Invocation;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Configuration;

/// <summary>
/// spec.api: which APIs are served (Dapr: pkg/api/http, pkg/api/grpc/endpoints.go). What is not served is as if it did not exist: 404 on HTTP, UNIMPLEMENTED
/// on gRPC. Each surface has its own rules: those that name no protocol are for HTTP. Health is always served.
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

        return GrpcProxy.IsGrpc(request) ? IsGrpcServed(first, second) : IsHttpServed(first, second, parts);
    }

    private bool IsHttpServed(string version, string name, string[] parts)
    {
        bool Matches(ApiRule rule) => rule.Protocol != "grpc" && rule.Version == version
            && (rule.Name == name || (rule.Name.StartsWith(name + "/", StringComparison.Ordinal) && string.Join('/', parts[1..]).StartsWith(rule.Name, StringComparison.Ordinal)));
        return !configuration.DeniedApis.Any(Matches) && (!configuration.AllowedApis.Any(rule => rule.Protocol != "grpc") || configuration.AllowedApis.Any(Matches));
    }

    // Over gRPC only rules that say so count, and the versions are written otherwise: v1, v1alpha1, v1beta1.
    private bool IsGrpcServed(string service, string method)
    {
        // The app's own methods are invocation; only the API's are asked for here.
        if (service != "dapr.proto.runtime.v1.Dapr")
        {
            return true;
        }

        var name = Array.Find(Groups, group => group.Methods.Contains(method)).Name;
        var version = method.EndsWith("Alpha1", StringComparison.Ordinal) ? "v1alpha1" : method.EndsWith("Beta1", StringComparison.Ordinal) ? "v1beta1" : "v1";
        bool Matches(ApiRule rule) => rule.Protocol == "grpc" && rule.Name == name && rule.Version == version;

        // A list of what is allowed leaves out what it cannot name.
        return !configuration.DeniedApis.Any(Matches) && (!configuration.AllowedApis.Any(rule => rule.Protocol == "grpc") || configuration.AllowedApis.Any(Matches));
    }
}
