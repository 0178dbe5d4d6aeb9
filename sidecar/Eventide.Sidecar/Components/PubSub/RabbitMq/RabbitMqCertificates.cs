using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RabbitMQ.Client;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>What TLS needs beside the machine's own certificates; any of it may be absent.</summary>
internal sealed record RabbitMqCertificates(X509Certificate2? Authority, X509Certificate2? Client)
{
    /// <summary>Whether both sides can show who they are.</summary>
    public bool IsComplete => Authority is not null && Client is not null;

    /// <summary>Reads caCert, clientCert and clientKey as PEM; throws <see cref="Hosting.SidecarStartException"/> when they are none.</summary>
    public static RabbitMqCertificates Read(ComponentMetadata metadata)
    {
        var (certificate, key) = (metadata.Text("clientCert"), metadata.Text("clientKey"));
        return new RabbitMqCertificates(
            metadata.Text("caCert") is { } authority ? Load(metadata, "caCert", () => X509Certificate2.CreateFromPem(authority)) : null,
            certificate is not null && key is not null ? Load(metadata, "clientCert", () => X509Certificate2.CreateFromPem(certificate, key)) : null);
    }

    /// <summary>Makes a TLS connection use them.</summary>
    public void ApplyTo(SslOption tls)
    {
        if (Client is not null)
        {
            tls.Certs = [Client];
        }

        if (Authority is not null)
        {
            tls.CertificateValidationCallback = (_, certificate, _, errors) => IsTrusted(certificate, errors);
        }
    }

    private bool IsTrusted(X509Certificate? certificate, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0)
        {
            return false;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Authority!);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var server = new X509Certificate2(certificate);
        return chain.Build(server);
    }

    private static X509Certificate2 Load(ComponentMetadata metadata, string name, Func<X509Certificate2> load)
    {
        try
        {
            return load();
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw metadata.Wrong(name, "(not shown)", "a certificate as PEM text, for clientCert with the clientKey that belongs to it");
        }
    }
}
