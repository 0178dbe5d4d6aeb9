using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Eventide.Contracts;

/// <summary>
/// Until customers sign in at an identity provider: tokens that a developer's tools sign themselves (JWT, HMAC-SHA256). A service takes them only when its
/// configuration says <c>SignIn:DevelopmentTokens=true</c>; the key is public, so nothing that is reachable from outside may say so.
/// </summary>
public static class DevelopmentSignIn
{
    public const string Issuer = "eventide-development";

    public const string Audience = "eventide";

    /// <summary>Not a secret.</summary>
    public const string SigningKey = "eventide-development-key-that-everyone-may-read";

    /// <summary>A token (RFC 7519) that says: this customer or vehicle, until then.</summary>
    /// <param name="scope">What it may do beyond speaking for itself (RFC 8693); separated by spaces.</param>
    public static string TokenFor(string subject, DateTimeOffset expires, string? scope = null)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new { alg = "HS256", typ = "JWT" });
        var claims = JsonSerializer.SerializeToUtf8Bytes(new { iss = Issuer, aud = Audience, sub = subject, exp = expires.ToUnixTimeSeconds(), scope });
        var content = $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(claims)}";
        var signature = HMACSHA256.HashData(Encoding.UTF8.GetBytes(SigningKey), Encoding.UTF8.GetBytes(content));
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }
}
