using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub.RabbitMq;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Tests.Components.PubSub;

/// <summary>The settings of pubsub.rabbitmq.</summary>
public sealed class RabbitMqSettingsTests
{
    [Fact]
    public void Without_settings_everything_is_as_in_Dapr()
    {
        var settings = Read();

        Assert.Equal("amqp://localhost/", settings.Address.ToString());
        Assert.Equal("localhost:5672", settings.Where);
        Assert.Equal((true, true, false, 0, false), (settings.Durable, settings.DeletedWhenUnused, settings.EnableDeadLetter, settings.DeliveryMode, settings.PublisherConfirm));
        Assert.Equal((false, false, 0, true, false), (settings.AutoAck, settings.RequeueInFailure, settings.PrefetchCount, settings.IsParallel, settings.PropertiesToMetadata));
        Assert.Equal((TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10), null, "fanout"), (settings.ReconnectWait, settings.HeartBeat, settings.TimeToLive, settings.ExchangeKind));
        Assert.Equal((0, 0, null, false), (settings.MaxLength, settings.MaxLengthBytes, settings.ClientName, settings.SaslExternal));
    }

    [Theory]
    [InlineData("amqp://rabbit.internal:5673/shop", "rabbit.internal:5673")]
    [InlineData("amqps://user:p%40ss@rabbit.internal", "rabbit.internal:5671")]
    public void Messages_name_host_and_port_and_nothing_secret(string address, string where) => Assert.Equal(where, Read(("connectionString", address)).Where);

    [Fact]
    public void Host_user_and_password_make_an_address_whatever_is_in_them() => Assert.Equal(
        "amqps://shop:p%40ss%3A%2F@rabbit:5673/",
        Read(("hostname", "rabbit:5673"), ("username", "shop"), ("password", "p@ss:/"), ("protocol", "amqps")).Address.AbsoluteUri);

    [Theory]
    [InlineData("concurrency", "single")]
    [InlineData("concurrencyMode", "single")]
    public void Both_names_of_the_concurrency_count(string name, string value) => Assert.False(Read((name, value)).IsParallel);

    [Theory]
    [InlineData("reconnectWaitSeconds", "5", 5)]
    [InlineData("reconnectWaitSeconds", "90s", 90)]
    [InlineData("heartBeat", "1m", 60)]
    [InlineData("ttlInSeconds", "120", 120)]
    [InlineData("ttl", "2m", 120)]
    public void Durations_are_read_as_in_Dapr(string name, string value, int seconds)
    {
        var settings = Read((name, value));
        Assert.Equal(TimeSpan.FromSeconds(seconds), name == "heartBeat" ? settings.HeartBeat : name.StartsWith("ttl", StringComparison.Ordinal) ? settings.TimeToLive : settings.ReconnectWait);
    }

    [Theory]
    [InlineData("connectionString", "localhost:5672", "connectionString is \"(not shown)\"; allowed is an address such as amqp://user:password@host:5672 or amqps://user:password@host:5671/vhost.")]
    [InlineData("protocol", "http", "protocol is \"http\"; allowed is an address such as amqp://user:password@host:5672 or amqps://user:password@host:5671/vhost.")]
    [InlineData("deliveryMode", "3", "deliveryMode is \"3\"; allowed is a whole number from 0 to 2.")]
    [InlineData("prefetchCount", "256", "prefetchCount is \"256\"; allowed is a whole number from 0 to 255.")]
    [InlineData("exchangeKind", "queue", "exchangeKind is \"queue\"; allowed is one of fanout, topic, direct, headers.")]
    [InlineData("concurrencyMode", "many", "concurrencyMode is \"many\"; allowed is one of parallel, single.")]
    [InlineData("durable", "perhaps", "durable is \"perhaps\"; allowed is true or false.")]
    [InlineData("maxLen", "-1", "maxLen is \"-1\"; allowed is a whole number of at least 0; 0 is no limit.")]
    [InlineData("ttlInSeconds", "0", "ttlInSeconds is \"0\"; allowed is a number of seconds above 0, or a duration such as 90s or 1h.")]
    [InlineData("reconnectWaitSeconds", "0", "reconnectWaitSeconds is \"0\"; allowed is a duration from 1ms to 1h.")]
    [InlineData("saslExternal", "true", "saslExternal is \"true\"; allowed is true only with amqps and with caCert, clientCert and clientKey.")]
    [InlineData("caCert", "rubbish", "caCert is \"(not shown)\"; allowed is a certificate as PEM text, for clientCert with the clientKey that belongs to it.")]
    public void A_wrong_value_stops_the_start_with_file_setting_value_and_what_is_allowed(string name, string value, string sentence) =>
        Assert.Equal($"pubsub.yaml: component \"pubsub\": {sentence}", Assert.Throws<SidecarStartException>(() => Read((name, value))).Message);

    [Fact]
    public void A_protocol_that_contradicts_the_connection_string_stops_the_start() => Assert.Equal(
        "pubsub.yaml: component \"pubsub\": protocol is \"amqps\"; allowed is amqp, as connectionString says, or nothing.",
        Assert.Throws<SidecarStartException>(() => Read(("connectionString", "amqp://localhost"), ("protocol", "amqps"))).Message);

    private static RabbitMqSettings Read(params (string Name, string Value)[] settings) => RabbitMqSettings.Read(new ComponentDefinition(
        "pubsub", "pubsub.rabbitmq", "v1", "pubsub.yaml", IgnoreErrors: false, TimeSpan.FromSeconds(5),
        new ComponentMetadata("pubsub.yaml", "pubsub", settings.ToDictionary(setting => setting.Name, setting => setting.Value)), []));
}
