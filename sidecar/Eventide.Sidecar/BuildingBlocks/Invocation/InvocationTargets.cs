using Eventide.Sidecar.Api;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>Finds the sidecar of a callee (Dapr: pkg/messaging/direct_messaging.go). Thread-safe.</summary>
internal sealed class InvocationTargets(SidecarHost host)
{
    private const string BasicPrefix = "Basic ";
    private const string BasicUser = "dapr-app-id:";

    /// <summary>The callee; <paramref name="target"/> may carry a namespace (app.namespace). Throws ERR_DIRECT_INVOKE when it is unknown or unhealthy.</summary>
    public SidecarInstance Find(string target)
    {
        var callee = host.FindApp(target.Split('.')[0]) ?? throw Failed(target, $"couldn't find service: {target}");
        return !callee.App.Exists ? throw Failed(target, "the app has no port, so nothing can call it")
            : callee.IsAppHealthy ? callee
            : throw Failed(target, "app is not in a healthy state");
    }

    /// <summary>The app id that a request names in its headers instead of its path, or null.</summary>
    public static string? InHeaders(Microsoft.AspNetCore.Http.IHeaderDictionary headers)
    {
        if (headers["dapr-app-id"] is [{ Length: > 0 } app])
        {
            return app;
        }

        if (headers.Authorization is not [{ } authorization] || !authorization.StartsWith(BasicPrefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Span<byte> decoded = stackalloc byte[512];
        if (!Convert.TryFromBase64String(authorization[BasicPrefix.Length..], decoded, out var length))
        {
            return null;
        }

        var user = System.Text.Encoding.UTF8.GetString(decoded[..length]);
        return user.StartsWith(BasicUser, StringComparison.Ordinal) && user.Length > BasicUser.Length ? user[BasicUser.Length..] : null;
    }

    /// <summary>The error of every failed invocation.</summary>
    public static ApiException Failed(string target, string reason) =>
        new(500, StatusCode.Internal, "ERR_DIRECT_INVOKE", $"failed to invoke, id: {target}, err: {reason}");
}
