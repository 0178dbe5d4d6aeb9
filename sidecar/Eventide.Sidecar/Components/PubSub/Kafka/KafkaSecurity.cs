using System.Text.Json;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>Dapr's settings for encryption and sign-in as settings of the client (Dapr: common/component/kafka/auth.go).</summary>
internal static class KafkaSecurity
{
    private const string Known = "one of none, password, mtls, certificate, oidc";

    /// <summary>Reads authType and what belongs to it; throws <see cref="SidecarStartException"/> for what is missing or wrong.</summary>
    public static IReadOnlyDictionary<string, string> Read(ComponentMetadata metadata)
    {
        var type = AuthType(metadata);
        var disableTls = metadata.Flag("disableTls", false);
        var skipVerify = metadata.Flag("skipVerify", false);
        var authority = Pem(metadata, "caCert");
        var config = new Dictionary<string, string>();
        switch (type.ToLowerInvariant())
        {
            case "none":
                return config;
            case "password":
                Password(metadata, config);
                break;
            case "mtls" when disableTls:
                throw metadata.Wrong("disableTls", "true", "false with authType \"mtls\"");
            case "mtls":
                Certificate(metadata, config);
                break;
            case "certificate" when authority is null:
                metadata.Required("caCert");
                break;
            case "certificate":
                break;
            case "oidc":
                OpenIdConnect(metadata, config);
                break;
            case "oidc_private_key_jwt" or "awsiam":
                throw metadata.Wrong("authType", type, Known + " in the embedded sidecar; Dapr's own sidecar signs in that way");
            default:
                throw metadata.Wrong("authType", type, Known);
        }

        config["security.protocol"] = (config.ContainsKey("sasl.mechanisms"), disableTls) switch
        {
            (true, true) => "sasl_plaintext",
            (true, false) => "sasl_ssl",
            (false, true) => "plaintext",
            (false, false) => "ssl",
        };
        if (authority is not null)
        {
            config["ssl.ca.pem"] = authority;
        }

        if (skipVerify)
        {
            config["enable.ssl.certificate.verification"] = "false";
        }

        return config;
    }

    /// <summary>authType, or what the older authRequired means.</summary>
    private static string AuthType(ComponentMetadata metadata)
    {
        if (metadata.Text("authType") is { } type)
        {
            return type;
        }

        return metadata.Text("authRequired") is null ? metadata.Required("authType")
            : !metadata.Flag("authRequired", false) ? "none"
            : metadata.Text("saslPassword") is null ? "mtls" : "password";
    }

    private static void Password(ComponentMetadata metadata, Dictionary<string, string> config)
    {
        config["sasl.mechanisms"] = metadata.OneOf("saslMechanism", "PLAINTEXT", "SHA-512", "SHA-256", "PLAINTEXT") switch
        {
            "SHA-512" => "SCRAM-SHA-512",
            "SHA-256" => "SCRAM-SHA-256",
            _ => "PLAIN",
        };
        config["sasl.username"] = metadata.Required("saslUsername");
        config["sasl.password"] = metadata.Required("saslPassword");
    }

    private static void Certificate(ComponentMetadata metadata, Dictionary<string, string> config)
    {
        var (certificate, key) = (Pem(metadata, "clientCert"), Pem(metadata, "clientKey"));
        if (certificate is null && key is null)
        {
            return;
        }

        config["ssl.certificate.pem"] = certificate ?? metadata.Required("clientCert");
        config["ssl.key.pem"] = key ?? metadata.Required("clientKey");
    }

    private static void OpenIdConnect(ComponentMetadata metadata, Dictionary<string, string> config)
    {
        config["sasl.mechanisms"] = "OAUTHBEARER";
        config["sasl.oauthbearer.method"] = "oidc";
        config["sasl.oauthbearer.token.endpoint.url"] = metadata.Required("oidcTokenEndpoint");
        config["sasl.oauthbearer.client.id"] = metadata.Required("oidcClientID");
        config["sasl.oauthbearer.client.secret"] = metadata.Required("oidcClientSecret");
        config["sasl.oauthbearer.scope"] = (metadata.Text("oidcScopes") ?? "openid").Replace(',', ' ');
        if (metadata.Text("oidcExtensions") is { } extensions)
        {
            config["sasl.oauthbearer.extensions"] = Extensions(metadata, extensions);
        }
    }

    private static string Extensions(ComponentMetadata metadata, string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<Dictionary<string, string>>(text) is { Count: > 0 } pairs)
            {
                return string.Join(',', pairs.Select(pair => $"{pair.Key}={pair.Value}"));
            }
        }
        catch (JsonException)
        {
            // Said below.
        }

        throw metadata.Wrong("oidcExtensions", text, "a JSON object of texts");
    }

    private static string? Pem(ComponentMetadata metadata, string name) => metadata.Text(name) is not { } text ? null
        : System.Security.Cryptography.PemEncoding.TryFind(text, out _) ? text
        // The value may be a private key: it is not repeated.
        : throw metadata.Wrong(name, "(hidden)", "text in PEM format, beginning with -----BEGIN");
}
