using Dapr.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.ServiceDefaults.SignIn;

/// <summary>
/// Routes that only the service's own sidecar calls. With APP_API_TOKEN the sidecar shows that token (Dapr: header dapr-api-token) and everybody else is refused, so
/// that whoever reaches the port cannot forge an event. Without it, as on a developer's machine, nothing is checked.
/// </summary>
public static class SidecarSignIn
{
    internal const string Policy = "sidecar";

    internal static void AddSidecarSignIn(this WebApplicationBuilder builder)
    {
        var authentication = builder.Services.AddAuthentication();
        if (builder.Configuration["APP_API_TOKEN"] is { Length: > 0 } token)
        {
            authentication.AddDapr(dapr => dapr.Token = token);
            builder.Services.AddAuthorization(policies => policies.AddDapr(Policy));
        }
        else
        {
            builder.Services.AddAuthorization(policies => policies.AddPolicy(Policy, policy => policy.RequireAssertion(_ => true)));
        }
    }

    /// <summary>Answers 401 to whoever is not the sidecar.</summary>
    public static TBuilder RequireSidecar<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder => routes.RequireAuthorization(Policy);
}
