using System.Globalization;
using System.Text.RegularExpressions;
using Eventide.Sidecar.Hosting;
using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>The settings of one state.postgresql component, with Dapr's names and defaults (Dapr: state/postgresql/v2, common/authentication/postgresql).</summary>
/// <param name="ConnectionString">As Npgsql writes it, pool and statement cache included; holds the password.</param>
/// <param name="Table">The table of the items, with its schema if one is given.</param>
/// <param name="MetadataTable">Where the state of the migrations and of the clean-up is kept.</param>
/// <param name="TablePrefix">Part of the names under which both are kept there.</param>
/// <param name="Timeout">The limit of one statement and of opening a connection. Dapr's default is 20 seconds.</param>
/// <param name="CleanupInterval">How often expired rows are removed; null never. Dapr's default is one hour.</param>
internal sealed partial record PostgreSqlSettings(
    string ConnectionString, string Table, string MetadataTable, string TablePrefix, TimeSpan Timeout, TimeSpan? CleanupInterval)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    // What pgx reads for itself and what has no counterpart here.
    private static readonly HashSet<string> Ignored = new(StringComparer.OrdinalIgnoreCase)
    {
        "pool_min_conns", "pool_min_idle_conns", "pool_max_conn_lifetime", "pool_max_conn_lifetime_jitter", "pool_max_conn_idle_time", "pool_health_check_period",
        "statement_cache_capacity", "description_cache_capacity", "default_query_exec_mode", "client_encoding", "gssencmode", "krbsrvname", "krbspn", "sslsni",
        "fallback_application_name", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout",
    };

    /// <summary>host:port/database, for messages.</summary>
    public string Address
    {
        get
        {
            var connection = new NpgsqlConnectionStringBuilder(ConnectionString);
            var host = connection.Host!.Contains(',', StringComparison.Ordinal) || connection.Host.Contains(':', StringComparison.Ordinal)
                ? connection.Host
                : string.Create(CultureInfo.InvariantCulture, $"{connection.Host}:{connection.Port}");
            return $"{host}/{connection.Database}";
        }
    }

    /// <summary>Reads the settings. Throws <see cref="SidecarStartException"/> for a wrong one.</summary>
    public static PostgreSqlSettings Read(ComponentDefinition definition)
    {
        var metadata = definition.Metadata;
        foreach (var setting in (string[])["useAzureAD", "useAWSIAM"])
        {
            if (metadata.Flag(setting, false))
            {
                throw Wrong(definition, $"{setting} asks for a cloud's sign-in, which the embedded sidecar does not serve; use a user and a password, or daprd");
            }
        }

        var prefix = metadata.Text("tablePrefix") ?? "";
        var timeout = Limit(definition, metadata);
        return new PostgreSqlSettings(
            Connection(definition, metadata, timeout).ToString(),
            Name(definition, "tablePrefix", prefix + "state"),
            Name(definition, "metadataTableName", metadata.Text("metadataTableName") ?? "dapr_metadata"),
            prefix,
            timeout,
            Cleanup(metadata));
    }

    private static NpgsqlConnectionStringBuilder Connection(ComponentDefinition definition, ComponentMetadata metadata, TimeSpan timeout)
    {
        Dictionary<string, string> parameters;
        try
        {
            parameters = ConnectionStringParser.Parse(metadata.Text("connectionString") ?? metadata.Text("url") ?? "");
        }
        catch (FormatException failure)
        {
            throw Wrong(definition, $"connectionString cannot be read: {failure.Message}");
        }

        // A setting of its own wins over the same one in the connection string.
        foreach (var name in (string[])["host", "hostaddr", "port", "database", "user", "password", "sslRootCert"])
        {
            if (metadata.Text(name) is { } value)
            {
                parameters[name.ToLowerInvariant()] = value;
            }
        }

        if (parameters.Count == 0)
        {
            throw Wrong(definition, "it needs the setting \"connectionString\", such as postgres://user:password@localhost:5432/database");
        }

        var connections = metadata.Number("maxConns", 0, min: int.MinValue);
        if (connections <= 1)
        {
            connections = parameters.Remove("pool_max_conns", out var inside) && int.TryParse(inside, CultureInfo.InvariantCulture, out var number) && number > 0
                ? number
                : Math.Max(4, Environment.ProcessorCount);
        }

        var mode = metadata.OneOf("queryExecMode", "cache_statement", "cache_statement", "cache_describe", "describe_exec", "exec", "simple_protocol");
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = "localhost",
            Username = Environment.UserName,
            SslMode = SslMode.Prefer,
            GssEncryptionMode = GssEncryptionMode.Disable,
            ApplicationName = "eventide",
            Timeout = (int)timeout.TotalSeconds,
            CommandTimeout = (int)timeout.TotalSeconds,
            MaxPoolSize = connections,
            ConnectionIdleLifetime = (int)metadata.Duration("connectionMaxIdleTime", TimeSpan.FromMinutes(5), Second).TotalSeconds,
            // Prepared statements belong to a connection, which a proxy such as PgBouncer may exchange between two transactions.
            MaxAutoPrepare = mode == "cache_statement" ? 32 : 0,
            AutoPrepareMinUsages = 2,
            NoResetOnClose = true,
        };
        try
        {
            Apply(definition, parameters, connection);
        }
        catch (Exception failure) when (failure is ArgumentException or FormatException)
        {
            throw Wrong(definition, $"connectionString cannot be used: {failure.Message}");
        }

        return connection;
    }

    private static void Apply(ComponentDefinition definition, Dictionary<string, string> parameters, NpgsqlConnectionStringBuilder connection)
    {
        if (parameters.Remove("hostaddr", out var address))
        {
            parameters["host"] = address;
        }

        var options = parameters.Remove("options", out var given) ? given : "";
        foreach (var (name, value) in parameters)
        {
            switch (name)
            {
                case "host": connection.Host = value; break;
                case "port" when value.Contains(',', StringComparison.Ordinal): connection.Host = Hosts(parameters["host"], value); break;
                case "port": connection.Port = Number(definition, name, value); break;
                case "database": connection.Database = value; break;
                case "user": connection.Username = value; break;
                case "password": connection.Password = value; break;
                case "passfile": connection.Passfile = value; break;
                case "sslmode": connection.SslMode = Ssl(definition, value); break;
                case "sslrootcert": connection.RootCertificate = value; break;
                case "sslcert": connection.SslCertificate = value; break;
                case "sslkey": connection.SslKey = value; break;
                case "sslpassword": connection.SslPassword = value; break;
                case "connect_timeout": connection.Timeout = Number(definition, name, value); break;
                case "application_name": connection.ApplicationName = value; break;
                case "search_path": connection.SearchPath = value; break;
                case "target_session_attrs": connection.TargetSessionAttributes = value.Replace('_', '-'); break;
                case "service" or "servicefile":
                    throw Wrong(definition, $"connectionString names a {name}, which is not read here; write host, user and database out");
                default:
                    // As pgx does: a parameter of the session.
                    options += Ignored.Contains(name) ? "" : $" -c {name}={value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal)}";
                    break;
            }
        }

        connection.Database ??= connection.Username;
        if (options.Length > 0)
        {
            connection.Options = options.Trim();
        }
    }

    private static string Hosts(string hosts, string ports) =>
        string.Join(',', hosts.Split(',').Zip(ports.Split(','), (host, port) => port.Length > 0 ? $"{host}:{port}" : host));

    private static SslMode Ssl(ComponentDefinition definition, string value) => value switch
    {
        "disable" => SslMode.Disable,
        "allow" => SslMode.Allow,
        "prefer" => SslMode.Prefer,
        "require" => SslMode.Require,
        "verify-ca" => SslMode.VerifyCA,
        "verify-full" => SslMode.VerifyFull,
        _ => throw Wrong(definition, $"sslmode is \"{value}\"; allowed is one of disable, allow, prefer, require, verify-ca, verify-full"),
    };

    private static int Number(ComponentDefinition definition, string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
            : throw Wrong(definition, $"{name} is \"{value}\"; allowed is a whole number");

    private static TimeSpan Limit(ComponentDefinition definition, ComponentMetadata metadata)
    {
        var timeout = metadata.Duration("timeout", metadata.Duration("timeoutInSeconds", TimeSpan.FromSeconds(20), Second), Second);
        return timeout >= Second ? timeout : throw Wrong(definition, $"timeout is {timeout.TotalMilliseconds} ms; allowed is at least 1s");
    }

    private static TimeSpan? Cleanup(ComponentMetadata metadata)
    {
        var interval = metadata.Duration("cleanupInterval", metadata.Duration("cleanupIntervalInSeconds", TimeSpan.FromHours(1), Second), Second);
        return interval > TimeSpan.Zero ? interval : null;
    }

    // Names of tables cannot be parameters of a statement, so nothing but a name may pass here.
    private static string Name(ComponentDefinition definition, string setting, string name) => NamePattern().IsMatch(name) ? name
        : throw Wrong(definition, $"{setting} makes the table name \"{name}\"; allowed are letters, digits and _, with an optional schema in front (schema.table)");

    private static SidecarStartException Wrong(ComponentDefinition definition, string what) =>
        new($"{definition.File}: component \"{definition.Name}\": {what}.");

    [GeneratedRegex(@"\A([A-Za-z_][A-Za-z0-9_]*\.)?[A-Za-z_][A-Za-z0-9_]*\z")]
    private static partial Regex NamePattern();
}
