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
}
