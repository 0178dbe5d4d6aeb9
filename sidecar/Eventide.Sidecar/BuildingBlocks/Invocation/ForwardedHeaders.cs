using Eventide.Sidecar.Tracing;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.BuildingBlocks.Invocation;

/// <summary>Which headers pass through an invocation, and which the sidecar sets (Dapr: pkg/messaging).</summary>
internal static class ForwardedHeaders
{
    private static readonly HashSet<string> Kept = new(StringComparer.OrdinalIgnoreCase)
    {
        // Hop-by-hop (RFC 9110 section 7.6.1), recomputed, or set by the sidecar itself.
        "Connection", "Keep-Alive", "Proxy-Connection", "Proxy-Authenticate", "Proxy-Authorization", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Host",
        "Content-Length", "dapr-api-token", "dapr-app-id", "dapr-caller-app-id", "dapr-callee-app-id", "dapr-caller-namespace",
    };

    /// <summary>Copies the caller's headers and adds who calls whom.</summary>
    public static void ToCallee(IHeaderDictionary from, HttpRequestMessage request, (string AppId, string Namespace) caller, string calleeAppId)
    {
        var named = NamedByConnection(from.Connection);
        foreach (var (name, values) in from)
        {
            // HTTP/2's pseudo headers are Kestrel's ":authority" and so on.
            if (name.StartsWith(':') || Kept.Contains(name) || named?.Contains(name) == true)
            {
                continue;
            }

            if (!request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        if (SidecarTracing.TraceParent is { } traceParent)
        {
            request.Headers.Remove("traceparent");
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        }

        request.Headers.TryAddWithoutValidation("dapr-caller-app-id", caller.AppId);
        request.Headers.TryAddWithoutValidation("dapr-callee-app-id", calleeAppId);
        request.Headers.TryAddWithoutValidation("dapr-caller-namespace", caller.Namespace);
    }

    /// <summary>Copies the app's headers. The length stays: the body is passed on unchanged.</summary>
    public static void ToCaller(HttpResponseMessage from, HttpResponse response)
    {
        foreach (var (name, values) in from.Headers.NonValidated.Concat(from.Content.Headers.NonValidated))
        {
            if (!Kept.Contains(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                response.Headers[name] = values.ToArray();
            }
        }
    }

    private static HashSet<string>? NamedByConnection(string? connection) => string.IsNullOrEmpty(connection)
        ? null
        : connection.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
}
