using Eventide.Sidecar.Configuration;
using Eventide.Sidecar.Hosting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.NameResolution;

/// <summary>
/// The name resolution of one sidecar: what spec.nameResolution of the configuration says, else a SQLite file of this user. Dapr's default, mDNS, is not served:
/// it needs a network that carries multicast, which containers and build servers often lack.
/// </summary>
internal sealed class NameDirectory(SidecarOptions options, SidecarConfiguration configuration, TimeProvider time, ILogger<NameDirectory> log)
    : IAsyncDisposable
{
    /// <summary>A file in the place of the default one.</summary>
    private const string FileVariable = "EVENTIDE_NAMES";

    /// <summary>Null until it is open, and when sidecars of other processes are of no concern.</summary>
    public INameResolver? Resolver { get; private set; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        var resolver = Resolver;
        Resolver = null;
        if (resolver is not null)
        {
            await resolver.DisposeAsync();
        }
    }

    /// <summary>Opens the resolver, when this sidecar has an internal endpoint that others could call.</summary>
    /// <exception cref="SidecarStartException">The setting is wrong, or the file cannot be opened.</exception>
    public void Open()
    {
        if (options.InternalGrpcPort is null)
        {
            return;
        }

        var connectionString = configuration.NameResolution switch
        {
            null => DefaultFile(),
            { Component: "sqlite" or "nameresolution.sqlite" } settings => settings.Configuration.GetValueOrDefault("connectionString") is { Length: > 0 } text
                ? ConnectionString(text)
                : throw new SidecarStartException("spec.nameResolution.configuration.connectionString is missing; it is the path of the SQLite file."),
            var other => throw new SidecarStartException(
                $"spec.nameResolution.component is \"{other.Component}\"; this sidecar serves sqlite. Without the setting it uses a file of its own."),
        };
        try
        {
            Resolver = new SqliteNameResolver(connectionString, options, time, log);
        }
        catch (SqliteException failure)
        {
            throw new SidecarStartException($"The file for name resolution cannot be opened ({connectionString}): {failure.Message}", failure);
        }
    }

    private string DefaultFile()
    {
        var file = options.Variable(FileVariable);
        if (string.IsNullOrEmpty(file))
        {
            // A folder of this user: in a shared one somebody else could redirect calls.
            var home = Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
            file = Path.Combine(home.Length > 0 ? home : Path.Combine(Path.GetTempPath(), $"user-{Environment.UserName}"), "eventide", "names.db");
        }

        return ConnectionString(Path.GetFullPath(file, options.WorkingDirectory));
    }

    // Dapr takes a path, or a URI such as "file:names.db?mode=rwc", whose options are not needed here.
    private string ConnectionString(string text)
    {
        var path = text.StartsWith("file:", StringComparison.Ordinal) ? text["file:".Length..].Split('?')[0] : text;
        var file = Path.GetFullPath(path, options.WorkingDirectory);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        return new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString();
    }
}
