using Confluent.Kafka;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub.Kafka;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Tests.Components.PubSub.Kafka;

/// <summary>Dapr's settings of pubsub.kafka, and what they become.</summary>
public sealed class KafkaSettingsTests
{
    private const string Pem = "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----";

    [Fact]
    public void What_is_not_said_is_as_in_Dapr_and_nothing_is_acknowledged_too_early()
    {
        var settings = Read();
        var producer = KafkaClientConfig.Producer(settings, settings.HasIdempotence);
        var consumer = KafkaClientConfig.Consumer(settings, "shop", "shop");

        Assert.Equal((Acks.All, true, 5, 30_000, 1_048_576), (producer.Acks, producer.EnableIdempotence, producer.MaxInFlight, producer.MessageTimeoutMs, producer.MessageMaxBytes));
        Assert.Equal("fnv1a_random", producer.Get("partitioner"));
        Assert.Equal(
            (AutoOffsetReset.Latest, false, 3000, 10_000, PartitionAssignmentStrategy.Range),
            (consumer.AutoOffsetReset, consumer.EnableAutoOffsetStore, consumer.HeartbeatIntervalMs, consumer.SessionTimeoutMs, consumer.PartitionAssignmentStrategy));
        Assert.Null(consumer.ApiVersionRequest);
        Assert.Equal((true, TimeSpan.FromMilliseconds(100), null), (settings.ConsumeRetryEnabled, settings.ConsumeRetryInterval, settings.ConsumerGroup));
    }

    [Fact]
    public void An_old_broker_is_spoken_to_in_its_own_protocol_and_one_batch_at_a_time()
    {
        var settings = Read(("version", "0.9.0.1"));
        var producer = KafkaClientConfig.Producer(settings, settings.HasIdempotence);

        Assert.Equal((false, "0.9.0.1", false, 1), (producer.ApiVersionRequest, producer.BrokerVersionFallback, producer.EnableIdempotence, producer.MaxInFlight));
    }

    [Theory]
    [InlineData("none", "")]
    [InlineData("password", "sasl_ssl PLAIN", "saslUsername", "u", "saslPassword", "p")]
    [InlineData("password", "sasl_plaintext SCRAM-SHA-512", "saslUsername", "u", "saslPassword", "p", "saslMechanism", "SHA-512", "disableTls", "true")]
    [InlineData("mtls", "ssl ", "caCert", Pem, "clientCert", Pem, "clientKey", Pem)]
    [InlineData("certificate", "ssl ", "caCert", Pem)]
    [InlineData("oidc", "sasl_ssl OAUTHBEARER", "oidcTokenEndpoint", "https://id/token", "oidcClientID", "c", "oidcClientSecret", "s", "oidcExtensions", """{"cluster":"a"}""")]
    public void Every_way_to_sign_in_is_one_that_the_client_takes(string authType, string expected, params string[] more)
    {
        var settings = Read([("authType", authType), .. more.Chunk(2).Select(pair => (pair[0], pair[1]))]);

        Assert.Equal(expected, authType == "none" ? "" : $"{settings.Security["security.protocol"]} {settings.Security.GetValueOrDefault("sasl.mechanisms")}");
        if (authType is "none" or "password")
        {
            // Certificates that are none cannot be opened; the other names are checked by the client when it is made.
            using var producer = new ProducerBuilder<Null, Null>(KafkaClientConfig.Producer(settings, true)).SetLogHandler((_, _) => { }).Build();
        }
    }

    [Theory]
    [InlineData("authRequired", "false", "")]
    [InlineData("authRequired", "true", "ssl")]
    public void The_older_authRequired_still_says_it(string name, string value, string expected) =>
        Assert.Equal(expected, Read(("authType", ""), (name, value)).Security.GetValueOrDefault("security.protocol", ""));

    [Theory]
    [InlineData("brokers", "", "pubsub.yaml: component \"pubsub\" needs the setting \"brokers\" under spec.metadata.")]
    [InlineData("authType", "", "pubsub.yaml: component \"pubsub\" needs the setting \"authType\" under spec.metadata.")]
    [InlineData("authType", "kerberos", "pubsub.yaml: component \"pubsub\": authType is \"kerberos\"; allowed is one of none, password, mtls, certificate, oidc.")]
    [InlineData(
        "authType", "awsiam",
        "pubsub.yaml: component \"pubsub\": authType is \"awsiam\"; allowed is one of none, password, mtls, certificate, oidc in the embedded sidecar; Dapr's own sidecar signs in that way.")]
    [InlineData("authType", "password", "pubsub.yaml: component \"pubsub\" needs the setting \"saslUsername\" under spec.metadata.")]
    [InlineData("authType", "certificate", "pubsub.yaml: component \"pubsub\" needs the setting \"caCert\" under spec.metadata.")]
    [InlineData("caCert", "secret", "pubsub.yaml: component \"pubsub\": caCert is \"(hidden)\"; allowed is text in PEM format, beginning with -----BEGIN.")]
    [InlineData("initialOffset", "earliest", "pubsub.yaml: component \"pubsub\": initialOffset is \"earliest\"; allowed is one of newest, oldest.")]
    [InlineData("version", "two", "pubsub.yaml: component \"pubsub\": version is \"two\"; allowed is the version of the Kafka cluster such as 2.0.0 or 0.9.0.1.")]
    [InlineData("compression", "brotli", "pubsub.yaml: component \"pubsub\": compression is \"brotli\"; allowed is one of none, gzip, snappy, lz4, zstd.")]
    [InlineData(
        "heartbeatInterval", "10s",
        "pubsub.yaml: component \"pubsub\": heartbeatInterval is \"10s\"; allowed is less than sessionTimeout (10s), at best a third of it.")]
    [InlineData("excludeHeaderMetaRegex", "(", "pubsub.yaml: component \"pubsub\": excludeHeaderMetaRegex is \"(\"; allowed is a regular expression.")]
    [InlineData(
        "schemaRegistryURL", "http://registry",
        "pubsub.yaml: component \"pubsub\": schemaRegistryURL is \"http://registry\"; allowed is nothing here: the embedded sidecar serves no Avro schemas; use Dapr's own sidecar for them.")]
    public void A_wrong_setting_stops_the_start_with_one_sentence(string name, string value, string sentence) =>
        Assert.Equal(sentence, Assert.Throws<SidecarStartException>(() => Read((name, value))).Message);

    private static KafkaSettings Read(params (string Name, string Value)[] settings)
    {
        var values = new Dictionary<string, string> { ["brokers"] = "localhost:9092", ["authType"] = "none" };
        foreach (var (name, value) in settings)
        {
            values[name] = value;
        }

        return KafkaSettings.Read(new ComponentDefinition(
            "pubsub", "pubsub.kafka", "v1", "pubsub.yaml", false, TimeSpan.FromSeconds(5), new ComponentMetadata("pubsub.yaml", "pubsub", values), []));
    }
}
