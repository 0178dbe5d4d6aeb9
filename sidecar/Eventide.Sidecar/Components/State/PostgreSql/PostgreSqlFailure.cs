using System.Net.Sockets;
using Npgsql;

namespace Eventide.Sidecar.Components.State.PostgreSql;

/// <summary>What went wrong between a sidecar and PostgreSQL, as one sentence of a caller's error.</summary>
internal static class PostgreSqlFailure
{
    /// <summary>The failure with the server's address, so that an error of a call tells an operator where to look.</summary>
    public static IOException Of(NpgsqlException failure, PostgreSqlSettings settings) => new(Describe(failure, settings), failure);

    /// <summary>One sentence without a full stop.</summary>
    public static string Describe(Exception failure, PostgreSqlSettings settings) => failure switch
    {
        PostgresException { SqlState: PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification } refused =>
            $"PostgreSQL at {settings.Address} refuses the sign-in: {refused.MessageText}; correct user and password in connectionString",
        PostgresException { SqlState: PostgresErrorCodes.InvalidCatalogName } refused =>
            $"PostgreSQL at {settings.Address} refuses the connection: {refused.MessageText}; create it, or correct connectionString",
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } refused => $"PostgreSQL at {settings.Address} has no room left: {refused.MessageText}",
        PostgresException refused => $"PostgreSQL at {settings.Address} answers: {refused.MessageText} ({refused.SqlState})",
        { InnerException: TimeoutException } or TimeoutException => $"PostgreSQL at {settings.Address} did not answer within {settings.Timeout.TotalSeconds:0.#} s",
        { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionRefused } } => $"PostgreSQL at {settings.Address} cannot be reached: nothing listens there",
        { InnerException: { } inner } => $"PostgreSQL at {settings.Address} cannot be reached: {inner.Message.TrimEnd('.')}",
        _ => $"PostgreSQL at {settings.Address} cannot be reached: {failure.Message.TrimEnd('.')}",
    };

    /// <summary>Whether waiting may help: the server is not there yet, is starting or stopping, or has all its connections in use.</summary>
    public static bool IsPassing(NpgsqlException failure) => failure is not PostgresException refused || refused.SqlState
        is PostgresErrorCodes.CannotConnectNow or PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.TooManyConnections;
}
