using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.State.PostgreSql;
using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Eventide.Sidecar.Tests.State;

/// <summary>What component files say of a PostgreSQL, with Dapr's names, forms and defaults. No server is needed.</summary>
public sealed class PostgreSqlSettingsTests
{
    [Theory]
    [InlineData("postgres://ann:p%40ss%2Fword@db.example:6432/shop?sslmode=verify-full&connect_timeout=7&application_name=a%20b")]
    [InlineData("postgresql://ann:p%40ss%2Fword@db.example:6432/shop?application_name=a+b&application_name=a%20b&connect_timeout=7&sslmode=verify-full")]
    [InlineData("host=db.example port=6432 user=ann password=p@ss/word dbname=shop sslmode=verify-full connect_timeout=7 application_name='a b'")]
    [InlineData(" host = db.example  port=6432 user=ann password='p@ss/word' database=shop\tsslmode=verify-full connect_timeout=7 application_name=a\\ b ")]
    public void A_url_and_words_mean_the_same(string text)
    {
        var connection = Connection(("connectionString", text));

        Assert.Equal(("db.example", 6432, "ann", "p@ss/word", "shop"), (connection.Host, connection.Port, connection.Username, connection.Password, connection.Database));
        Assert.Equal((SslMode.VerifyFull, 7, "a b"), (connection.SslMode, connection.Timeout, connection.ApplicationName));
    }

    [Fact]
    public void Quotes_and_backslashes_inside_words_are_kept() =>
        Assert.Equal("it's \\ = 'x' ", Connection(("connectionString", @"host=h user=u password='it\'s \\ = \'x\' '")).Password);

    [Fact]
    public void Several_hosts_keep_their_ports()
    {
        Assert.Equal("a:5433,b:5434", Connection(("connectionString", "postgres://u@a:5433,b:5434/d")).Host);
        Assert.Equal("a:5433,b:5434", Connection(("connectionString", "host=a,b port=5433,5434 user=u")).Host);
        Assert.Equal("::1", Connection(("connectionString", "postgres://u@[::1]:5433/d")).Host);
    }

    [Fact]
    public void What_pgx_would_pass_to_the_session_is_passed()
    {
        var connection = Connection(("connectionString", "host=h user=u statement_timeout=5s search_path=shop options='-c work_mem=8MB' pool_max_conns=9"));

        Assert.Equal("-c work_mem=8MB -c statement_timeout=5s", connection.Options);
        Assert.Equal("shop", connection.SearchPath);
        Assert.Equal(9, connection.MaxPoolSize);
    }

    [Fact]
    public void A_setting_of_its_own_wins_over_the_connection_string()
    {
        var connection = Connection(
            ("connectionString", "postgres://ann:old@db:5432/shop"), ("host", "other"), ("port", "6000"), ("user", "bob"), ("password", "new"), ("database", "till"));

        Assert.Equal(("other", 6000, "bob", "new", "till"), (connection.Host, connection.Port, connection.Username, connection.Password, connection.Database));
        Assert.Equal("other:6000/till", Read(("connectionString", "postgres://ann:old@db:5432/shop"), ("host", "other"), ("port", "6000"), ("database", "till")).Address);
    }

    [Fact]
    public void The_defaults_are_daprs()
    {
        var settings = Read(("connectionString", "host=h user=u"));

        Assert.Equal(("state", "dapr_metadata", "", TimeSpan.FromSeconds(20), TimeSpan.FromHours(1)),
            (settings.Table, settings.MetadataTable, settings.TablePrefix, settings.Timeout, settings.CleanupInterval));
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        Assert.Equal((Math.Max(4, Environment.ProcessorCount), 5432, "u"), (connection.MaxPoolSize, connection.Port, connection.Database));
        Assert.True(connection.MaxAutoPrepare > 0);
    }

    [Fact]
    public void Every_setting_is_read()
    {
        var settings = Read(
            ("url", "host=h user=u"), ("tablePrefix", "shop.my_"), ("metadataTableName", "shop.notes"), ("timeoutInSeconds", "5"), ("cleanupIntervalInSeconds", "0"),
            ("maxConns", "3"), ("connectionMaxIdleTime", "2m"), ("queryExecMode", "exec"));

        Assert.Equal(("shop.my_state", "shop.notes", TimeSpan.FromSeconds(5), null), (settings.Table, settings.MetadataTable, settings.Timeout, settings.CleanupInterval));
        var connection = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        Assert.Equal((3, 120, 0, 5), (connection.MaxPoolSize, connection.ConnectionIdleLifetime, connection.MaxAutoPrepare, connection.CommandTimeout));
    }

    [Theory]
    [InlineData("connectionString", "Host=h;Username=u;Password=secret", "connectionString cannot be read: its words are separated by semicolons; Dapr's form has spaces")]
    [InlineData("connectionString", "localhost", "connectionString cannot be read: it is neither a URL")]
    [InlineData("connectionString", "host=h password='secret", "connectionString cannot be read: a quoted value in it has no end")]
    [InlineData("connectionString", "", "it needs the setting \"connectionString\"")]
    [InlineData("connectionString", "host=h sslmode=maybe", "sslmode is \"maybe\"; allowed is one of disable, allow, prefer")]
    [InlineData("connectionString", "host=h port=many", "port is \"many\"; allowed is a whole number")]
    [InlineData("connectionString", "service=shop", "connectionString names a service, which is not read here")]
    [InlineData("timeout", "100ms", "timeout is 100 ms; allowed is at least 1s")]
    [InlineData("tablePrefix", "a; DROP TABLE b; --", "tablePrefix makes the table name \"a; DROP TABLE b; --state\"; allowed are letters, digits and _")]
    [InlineData("metadataTableName", "a b", "metadataTableName makes the table name \"a b\"")]
    [InlineData("queryExecMode", "fast", "queryExecMode is \"fast\"; allowed is one of cache_statement")]
    [InlineData("useAzureAD", "true", "useAzureAD asks for a cloud's sign-in")]
    public void A_wrong_setting_stops_the_start_with_a_sentence_that_tells_no_password(string name, string value, string sentence)
    {
        var failure = Assert.Throws<SidecarStartException>(() => name == "connectionString" ? Read((name, value)) : Read(("connectionString", "host=h"), (name, value)));

        Assert.StartsWith("store.yaml: component \"store\": ", failure.Message);
        Assert.Contains(sentence, failure.Message);
        Assert.DoesNotContain("secret", failure.ToString());
    }

    [Fact]
    public void Version_1_is_refused_and_points_to_version_2()
    {
        var failure = Assert.Throws<SidecarStartException>(() => new PostgreSqlStateStoreFactory().Create(
            Definition("v1", ("connectionString", "host=h")),
            new ComponentContext("shop", "default", "/", () => [], TimeProvider.System, NullLoggerFactory.Instance, new SharedComponents())));

        Assert.Equal(
            "store.yaml: component \"store\" is state.postgresql v1, an older table layout that the embedded sidecar does not serve; "
            + "write version: v2 (it makes a table of its own and does not read the items of the older one), or use daprd.",
            failure.Message);
    }

    private static NpgsqlConnectionStringBuilder Connection(params (string Name, string Value)[] settings) => new(Read(settings).ConnectionString);

    private static PostgreSqlSettings Read(params (string Name, string Value)[] settings) => PostgreSqlSettings.Read(Definition("v2", settings));

    private static ComponentDefinition Definition(string version, params (string Name, string Value)[] settings) => new(
        "store", "state.postgresql", version, "store.yaml", IgnoreErrors: false, TimeSpan.FromSeconds(5),
        new ComponentMetadata("store.yaml", "store", settings.ToDictionary(setting => setting.Name, setting => setting.Value)), []);
}
