using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Eventide.Sidecar.Hosting;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.Redis;

/// <summary>How to reach one Redis server, in the words of Dapr's component files (Dapr: common/component/redis). Equal settings share one connection.</summary>
/// <param name="Host">As the user reads it: host:port.</param>
/// <param name="DialTimeout">How long one attempt to connect may take.</param>
/// <param name="ReadTimeout">How long an answer may take.</param>
internal sealed record RedisSettings(
    string Host, string? Username, string? Password, int Database, bool Tls, bool SkipTlsVerify, string? ClientCert, string? ClientKey, TimeSpan DialTimeout,
    TimeSpan ReadTimeout)
{
    private const int DefaultPort = 6379;

    // Times without a unit are milliseconds, as everywhere in Dapr's Redis components.
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    // Sizes and times of a pool of connections. Here all sidecars of a process share one, so there is no pool to tune; the values are only checked.
    private static readonly string[] PoolNumbers = ["poolSize", "minIdleConns", "redisMaxRetries"];
    private static readonly string[] PoolDurations =
        ["redisMinRetryInterval", "redisMaxRetryInterval", "writeTimeout", "poolTimeout", "maxConnAge", "idleCheckFrequency", "idleTimeout"];

    /// <summary>Reads them. Throws <see cref="SidecarStartException"/> for a wrong setting, and for a kind of deployment that is not served.</summary>
    public static RedisSettings Read(ComponentDefinition definition)
    {
        var metadata = definition.Metadata;
        RefuseUnserved(definition);
        foreach (var name in PoolNumbers)
        {
            metadata.Number(name, 0, -1);
        }

        foreach (var name in PoolDurations)
        {
            metadata.Duration(name, TimeSpan.Zero, Millisecond);
        }

        var port = metadata.Number("redisPort", DefaultPort, 1, 65535);
        var host = metadata.Required("redisHost").Trim();
        var dial = metadata.Duration("dialTimeout", TimeSpan.FromSeconds(5), Millisecond);
        var read = metadata.Duration("readTimeout", TimeSpan.FromSeconds(5), Millisecond);
        var settings = new RedisSettings(
            host.Contains(':') ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"),
            metadata.Text("redisUsername"),
            metadata.Text("redisPassword"),
            metadata.Number("redisDB", 0),
            metadata.Flag("enableTLS", false),
            metadata.Flag("insecureSkipTLSVerify", false),
            metadata.Text("clientCert"),
            metadata.Text("clientKey"),
            Within(dial),
            // Dapr takes -1 and 0 for no limit. A limit of our own there, so that a publish always ends.
            Within(read));
        return (settings.ClientCert is null) == (settings.ClientKey is null) && settings.HasUsableCertificate() ? settings : throw new SidecarStartException(
            $"{definition.File}: component \"{definition.Name}\": clientCert and clientKey have to be a certificate and its key as PEM text; give both, or none.");
    }

    /// <summary>What the client library needs.</summary>
    /// <param name="reading">How much longer an answer may take, for a connection whose commands wait.</param>
    public ConfigurationOptions Options(TimeSpan reading)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { Host },
            User = Username,
            Password = Password,
            DefaultDatabase = Database,
            Ssl = Tls,
            // At most so long does an attempt to connect take; the next one follows after a pause that grows to two seconds.
            ConnectTimeout = (int)DialTimeout.TotalMilliseconds,
            ConnectRetry = 1,
            AbortOnConnectFail = true,
            ReconnectRetryPolicy = new ExponentialRetry(250, 2000),
            AsyncTimeout = (int)(ReadTimeout + reading).TotalMilliseconds,
            SyncTimeout = (int)(ReadTimeout + reading).TotalMilliseconds,
            // A command that comes while the server is away waits for it, no longer than an answer may take.
            BacklogPolicy = BacklogPolicy.Default,
            Protocol = RedisProtocol.Resp2,
            ClientName = "eventide",
            // No announcements by pub/sub: it would cost a second socket.
            ConfigurationChannel = "",
            TieBreaker = "",
            // The library counts INFO, which only reads, among these.
            AllowAdmin = true,
            IncludeDetailInExceptions = false,
            HeartbeatConsistencyChecks = false,
        };
        if (reading > TimeSpan.Zero)
        {
            // There are many of these, and each look after a connection costs; it finds out about a lost one, which may take as long.
            options.HeartbeatInterval = TimeSpan.FromSeconds(2);
        }

        if (Tls && SkipTlsVerify)
        {
            options.CertificateValidation += (_, _, _, _) => true;
        }

        if (ClientCert is not null)
        {
            var certificate = Certificate();
            options.CertificateSelection += (_, _, _, _, _) => certificate;
        }

        return options;
    }

    /// <summary>The settings without secrets, so that they may be in a log.</summary>
    public override string ToString() => $"Redis at {Host}";

    /// <summary>What tells connections of different settings apart; no secret can be read from it.</summary>
    public string Identity() => string.Create(
        CultureInfo.InvariantCulture,
        $"redis {Host}/{Database} {Username} {Hash(Password)} {Tls} {SkipTlsVerify} {Hash(ClientCert)} {DialTimeout} {ReadTimeout}");

    private X509Certificate2 Certificate() => X509Certificate2.CreateFromPem(ClientCert, ClientKey);

    private bool HasUsableCertificate()
    {
        try
        {
            using var certificate = ClientCert is null ? null : Certificate();
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static TimeSpan Within(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.FromSeconds(30);

    private static string Hash(string? text) => text is null ? "-" : Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(text)));

    private static void RefuseUnserved(ComponentDefinition definition)
    {
        var metadata = definition.Metadata;
        string[] sentinel = ["sentinelMasterName", "sentinelUsername", "sentinelPassword"];
        var unserved = metadata.OneOf("redisType", "node", "node", "cluster") == "cluster" ? "redisType \"cluster\""
            : metadata.Flag("failover", false) || sentinel.Any(name => metadata.Text(name) is not null) ? "failover by Sentinel"
            : metadata.Flag("useEntraID", false) || metadata.Flag("useAzureAD", false) ? "useEntraID"
            : metadata.Flag("useOIDC", false) ? "useOIDC"
            : metadata.Text("queryIndexes") is not null ? "queryIndexes"
            : null;
        if (unserved is not null)
        {
            throw new SidecarStartException(
                $"{definition.File}: component \"{definition.Name}\": the embedded sidecar does not serve {unserved}; use one Redis server, or Dapr's own sidecar.");
        }
    }
}
