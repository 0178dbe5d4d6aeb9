using StackExchange.Redis;

namespace Eventide.Sidecar.Components.Redis;

/// <summary>What Redis refused or did not answer, as one sentence of a caller's error: where, what, and what to do.</summary>
internal sealed class RedisFailure(string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>Whether the server has no memory left for writes.</summary>
    public bool IsFull { get; private init; }

    /// <summary>The failure in words; a <see cref="RedisFailure"/> is in words already.</summary>
    public static RedisFailure Of(Exception failure, RedisSettings settings) => failure as RedisFailure ?? new RedisFailure(Describe(failure, settings), failure)
    {
        IsFull = failure is RedisServerException && failure.Message.StartsWith("OOM", StringComparison.Ordinal),
    };

    /// <summary>The server has no memory left for writes.</summary>
    public static RedisFailure Full(RedisSettings settings) => new(
        $"{settings} is full (its maxmemory is used up) and took nothing; give it more memory, or let maxLenApprox, streamTTL or ttlInSeconds make room")
    {
        IsFull = true,
    };

    /// <summary>Whether the failure is one of the client library, so that <see cref="Of"/> has words for it.</summary>
    public static bool Is(Exception failure) => failure is RedisException or RedisTimeoutException or ObjectDisposedException;

    /// <summary>Whether no later attempt can succeed without a change of the settings.</summary>
    public static bool IsRefusedSignIn(Exception failure) =>
        failure is RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } || HasCode(failure, "WRONGPASS", "NOAUTH", "ERR AUTH", "invalid password");

    private static string Describe(Exception failure, RedisSettings settings) => failure switch
    {
        _ when IsRefusedSignIn(failure) => $"{settings} refuses the sign-in; correct redisUsername and redisPassword",
        RedisServerException when HasCode(failure, "OOM") => Full(settings).Message,
        RedisServerException when HasCode(failure, "MISCONF") => $"{settings} cannot write to its disk and took nothing; its log says why",
        RedisServerException when HasCode(failure, "READONLY") => $"{settings} is a read-only replica; redisHost has to name the primary",
        RedisServerException when HasCode(failure, "NOPERM") => $"{settings} does not allow it to this user: {failure.Message}",
        RedisServerException when HasCode(failure, "WRONGTYPE") => $"{settings} has something else under this name: {failure.Message}",
        RedisServerException => $"{settings} answers: {failure.Message}",
        RedisConnectionException { InnerException: RedisServerException inner } => Describe(inner, settings),
        RedisTimeoutException or TimeoutException => $"{settings} did not answer within {settings.ReadTimeout.TotalSeconds:0.#} s",
        ObjectDisposedException => $"the connection to {settings} is closed",
        _ => $"{settings} cannot be reached",
    };

    private static bool HasCode(Exception failure, params ReadOnlySpan<string> codes)
    {
        for (var inner = failure; inner is not null; inner = inner.InnerException)
        {
            foreach (var code in codes)
            {
                if (inner.Message.Contains(code, StringComparison.Ordinal))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
