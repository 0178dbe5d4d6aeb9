using Eventide.Sidecar.Api;
using Eventide.Sidecar.NameResolution;
using Grpc.Core;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>
/// Finds whom an invocation reaches (Dapr: pkg/messaging/direct_messaging.go): an app of this process, or else, through the name resolution, the sidecar of
/// another process; several take turns. Thread-safe.
/// </summary>
internal sealed class InvocationTargets(SidecarHost host, SidecarOptions options, NameDirectory names) : IDisposable
{
    private const string BasicPrefix = "Basic ";
    private const string BasicUser = "dapr-app-id:";

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        EnableMultipleHttp2Connections = true,
        ConnectTimeout = TimeSpan.FromSeconds(5),
    });

    private uint _turn;

    /// <summary>The callee; <paramref name="target"/> may carry a namespace (app.namespace). Throws ERR_DIRECT_INVOKE when it is unknown or unhealthy.</summary>
    /// <param name="isInternal">The call came from another process: it is for an app of this one, and never passed on again.</param>
    public async ValueTask<InvocationTarget> FindAsync(string target, bool isInternal, CancellationToken cancellationToken)
    {
        var (appId, ns) = target.Split('.', 2) is [var app, var named] ? (app, named) : (target, options.Namespace);
        if (host.FindApp(appId) is { } callee)
        {
            return !callee.App.Exists ? throw Failed(target, "the app has no port, so nothing can call it")
                : callee.IsAppHealthy ? new InvocationTarget(appId, callee.App, IsRemote: false)
                : throw Failed(target, "app is not in a healthy state");
        }

        var addresses = names.Resolver is { } resolver && !isInternal ? await resolver.ResolveAsync(appId, ns, cancellationToken) : [];
        return addresses.Count == 0
            ? throw Failed(target, $"couldn't find service: {target}")
            : new InvocationTarget(
                appId, new RemoteSidecar(appId, addresses[(int)(Interlocked.Increment(ref _turn) % (uint)addresses.Count)], _http), IsRemote: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

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
