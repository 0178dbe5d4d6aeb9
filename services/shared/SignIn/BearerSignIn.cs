using System.Security.Claims;
using System.Text;
using Eventide.Contracts;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Tokens;

namespace Eventide.ServiceDefaults.SignIn;

/// <summary>Who asks, a customer or a vehicle: the claim "sub" of a bearer token (RFC 7519), never anything else that the request says.</summary>
public static class BearerSignIn
{
    private const int LongestSubject = 100;

    /// <summary>
    /// Checks bearer tokens of the OpenID Connect provider <c>SignIn:Authority</c>, or, when <c>SignIn:DevelopmentTokens</c> is true, those that a developer's tools
    /// sign.
    /// </summary>
    /// <exception cref="InvalidOperationException">Neither is configured.</exception>
    public static WebApplicationBuilder AddBearerSignIn(this WebApplicationBuilder builder)
    {
        var settings = builder.Configuration.GetSection("SignIn");
        var (authority, development) = (settings["Authority"], settings.GetValue<bool>("DevelopmentTokens"));
        if (string.IsNullOrEmpty(authority) && !development)
        {
            throw new InvalidOperationException(
                "Nobody could sign in: set SignIn__Authority to an OpenID Connect provider, or, on a developer's machine, SignIn__DevelopmentTokens=true.");
        }

        builder.Services.AddAuthorization();
        builder.Services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(jwt =>
        {
            jwt.MapInboundClaims = false;
            if (!development)
            {
                jwt.Authority = authority;
                jwt.Audience = settings["Audience"] ?? DevelopmentSignIn.Audience;
                return;
            }

            jwt.TokenValidationParameters = new TokenValidationParameters
            {
                ValidIssuer = DevelopmentSignIn.Issuer,
                ValidAudience = DevelopmentSignIn.Audience,
                IssuerSigningKey = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(DevelopmentSignIn.SigningKey)),
                ValidAlgorithms = [SecurityAlgorithms.HmacSha256],
            };
        });
        return builder;
    }

    /// <summary>Answers 401 to whoever has not signed in, and 403 to a token without a usable "sub".</summary>
    public static TBuilder RequireSignIn<TBuilder>(this TBuilder routes) where TBuilder : IEndpointConventionBuilder =>
        routes.RequireAuthorization(policy => policy.RequireAuthenticatedUser().RequireAssertion(context => Find(context.User) is { Length: > 0 and <= LongestSubject }));

    /// <summary>Who asks, on a route with <see cref="RequireSignIn"/>.</summary>
    public static string Subject(this ClaimsPrincipal user) => Find(user) ?? throw new InvalidOperationException("The route does not require to sign in.");

    /// <summary>Whether the token has a scope (RFC 8693, section 4.2).</summary>
    public static bool HasScope(this ClaimsPrincipal user, string scope) => user.FindFirstValue("scope")?.Split(' ').Contains(scope) ?? false;

    private static string? Find(ClaimsPrincipal user) => user.FindFirstValue("sub");
}
