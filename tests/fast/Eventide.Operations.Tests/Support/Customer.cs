using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text;
using Eventide.Contracts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Eventide.Operations.Tests.Support;

/// <summary>Customers who have signed in.</summary>
internal static class Customer
{
    /// <summary>A client of the same address that sends this customer's token.</summary>
    public static HttpClient As(this HttpClient client, string customer)
    {
        var token = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = DevelopmentSignIn.Issuer,
            Audience = DevelopmentSignIn.Audience,
            Subject = new ClaimsIdentity([new Claim("sub", customer)]),
            SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(DevelopmentSignIn.SigningKey)), SecurityAlgorithms.HmacSha256),
        });
        var signedIn = new HttpClient { BaseAddress = client.BaseAddress };
        signedIn.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return signedIn;
    }
}
