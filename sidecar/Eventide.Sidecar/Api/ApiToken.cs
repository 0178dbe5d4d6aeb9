using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Eventide.Sidecar.Api;

/// <summary>Requires <c>dapr-api-token</c> on both surfaces when DAPR_API_TOKEN is set; health probes are exempt (Dapr: pkg/security/token).</summary>
internal static class ApiToken
{
    public static Func<HttpContext, RequestDelegate, Task> Require(string? token)
    {
        if (string.IsNullOrEmpty(token))
        {
            return (context, next) => next(context);
        }

        var expected = Encoding.UTF8.GetBytes(token);
        return async (context, next) =>
        {
            if (IsProbe(context.Request) || CryptographicOperations.FixedTimeEquals(expected, Encoding.UTF8.GetBytes(context.Request.Headers["dapr-api-token"].ToString())))
            {
                await next(context);
                return;
            }

            if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
            {
                var reason = context.Request.Headers.ContainsKey("dapr-api-token")
                    ? "authentication error: api token mismatch"
                    : "authentication error: missing api token in request metadata";
                context.Response.ContentType = "application/grpc";
                context.Response.Headers["grpc-status"] = "16";
                context.Response.Headers["grpc-message"] = Uri.EscapeDataString(reason);
                return;
            }

            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync("invalid api token\n");
        };
    }

    // Exactly the two probes: any other path below them is an invocation by header, which would go through without a token.
    private static bool IsProbe(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && request.Path.Value?.TrimEnd('/') is { } path
        && (path.Equals("/v1.0/healthz", StringComparison.OrdinalIgnoreCase) || path.Equals("/v1.0/healthz/outbound", StringComparison.OrdinalIgnoreCase));
}
