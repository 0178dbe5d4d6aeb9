using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Eventide.Sidecar.Components.Redis;

/// <summary>
/// The one connection of a process to a Redis server: commands of all its sidecars are pipelined on it. It reconnects by itself; meanwhile a command waits, and
/// fails after the time that an answer may take. Thread-safe.
/// </summary>
internal sealed partial class RedisConnection : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly Version Oldest = new(6, 2);

    private readonly SemaphoreSlim _opening = new(1);
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private ConnectionMultiplexer? _multiplexer;
    private volatile bool _isFull;

    private RedisConnection(RedisSettings settings, TimeProvider time, ILogger log) => (Settings, _time, _log) = (settings, time, log);

    /// <summary>Where it goes.</summary>
    public RedisSettings Settings { get; }

    /// <summary>The server's commands. Throws before <see cref="OpenAsync"/> has succeeded.</summary>
    public IDatabase Database => Multiplexer.GetDatabase();

    /// <summary>Replicas of the server when it was reached.</summary>
    public int Replicas { get; private set; }

    private ConnectionMultiplexer Multiplexer => _multiplexer ?? throw new InvalidOperationException("The connection is not open.");

    /// <summary>The process's connection for these settings; <see cref="SharedComponents.ReturnAsync"/> with their identity gives it back.</summary>
    public static RedisConnection Rent(RedisSettings settings, SharedComponents shared, TimeProvider time, ILoggerFactory loggers) =>
        shared.Rent(settings.Identity(), () => new RedisConnection(settings, time, loggers.CreateLogger<RedisConnection>()));

    /// <summary>
    /// Waits until the server answers. Throws <see cref="RedisFailure"/> when it refuses the sign-in or is too old, and when it has not answered before the
    /// token ends the wait.
    /// </summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken);
        try
        {
            if (_multiplexer is null)
            {
                await ConnectFirstAsync(cancellationToken);
            }
        }
        finally
        {
            _opening.Release();
        }

        // Another sidecar may have opened it long ago.
        await UntilAsync(async () => await Database.PingAsync(), cancellationToken);
    }

    /// <summary>Runs a script, which is sent as a whole only when the server does not have it yet.</summary>
    public async Task<RedisResult> EvaluateAsync(string script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await Database.ScriptEvaluateAsync(script, keys, values);
        }
        catch (RedisServerException forgotten) when (forgotten.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // The server was started again since. It has done nothing.
            return await Database.ExecuteAsync("EVAL", [script, keys.Length, .. keys.Select(key => (object)key), .. values.Select(value => (object)value)]);
        }
    }

    /// <summary>A connection of its own for commands that wait at the server for at most <paramref name="wait"/>; the caller disposes it.</summary>
    public Task<ConnectionMultiplexer> ConnectWaitingAsync(TimeSpan wait, CancellationToken cancellationToken) =>
        ConnectAsync(Settings.Options(wait), cancellationToken);

    /// <summary>Throws when the server does not answer, or took no write because it is full and still is.</summary>
    public async Task PingAsync()
    {
        try
        {
            await Database.PingAsync();
            if (_isFull)
            {
                var memory = Info.Parse((string?)await Database.ExecuteAsync("INFO", "memory"));
                _isFull = memory.Number("maxmemory") is > 0 and var limit && memory.Number("used_memory") >= limit;
            }
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            throw RedisFailure.Of(failure, Settings);
        }

        if (_isFull)
        {
            throw RedisFailure.Full(Settings);
        }
    }

    /// <summary>The failure of a command in words. Remembers that the server is full, so that <see cref="PingAsync"/> tells it.</summary>
    public RedisFailure Failure(Exception failure)
    {
        var described = RedisFailure.Of(failure, Settings);
        _isFull |= described.IsFull;
        return described;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_multiplexer is not null)
        {
            await _multiplexer.DisposeAsync();
        }

        _opening.Dispose();
    }

    private async Task ConnectFirstAsync(CancellationToken cancellationToken)
    {
        var multiplexer = await ConnectAsync(Settings.Options(TimeSpan.Zero), cancellationToken);
        try
        {
            await InspectAsync(multiplexer);
        }
        catch (Exception failure)
        {
            await multiplexer.DisposeAsync();
            if (RedisFailure.Is(failure))
            {
                throw RedisFailure.Of(failure, Settings);
            }

            throw;
        }

        multiplexer.ConnectionFailed += (_, _) => Lost(Settings.Host);
        multiplexer.ConnectionRestored += (_, _) => Restored(Settings.Host);
        _multiplexer = multiplexer;
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions options, CancellationToken cancellationToken)
    {
        Task<ConnectionMultiplexer>? connecting = null;
        try
        {
            await UntilAsync(() => connecting = ConnectionMultiplexer.ConnectAsync(options), cancellationToken);
            return await connecting!;
        }
        catch (RedisFailure) when (connecting is not null)
        {
            _ = CloseAsync(connecting);
            throw;
        }
    }

    /// <summary>Tries until it works, the server refuses the sign-in, or the token ends it.</summary>
    private async Task UntilAsync(Func<Task> attempt, CancellationToken cancellationToken)
    {
        for (var told = false; !cancellationToken.IsCancellationRequested; told = true)
        {
            try
            {
                await attempt().WaitAsync(cancellationToken);
                return;
            }
            catch (Exception failure) when (RedisFailure.IsRefusedSignIn(failure))
            {
                throw RedisFailure.Of(failure, Settings);
            }
            catch (Exception failure) when (RedisFailure.Is(failure))
            {
                if (!told)
                {
                    Waiting(Settings.Host);
                }

                await Task.Delay(Pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Said below.
            }
        }

        throw new RedisFailure($"{Settings} did not answer in time; start it, or correct redisHost");
    }

    /// <summary>Closes what nobody waits for any more.</summary>
    private static async Task CloseAsync(Task<ConnectionMultiplexer> connecting)
    {
        try
        {
            await (await connecting).DisposeAsync();
        }
        catch (Exception failure) when (RedisFailure.Is(failure))
        {
            // There is nothing to close.
        }
    }

    private async Task InspectAsync(ConnectionMultiplexer multiplexer)
    {
        Info info;
        try
        {
            info = Info.Parse((string?)await multiplexer.GetDatabase().ExecuteAsync("INFO"));
        }
        catch (RedisServerException refused) when (refused.Message.StartsWith("NOPERM", StringComparison.Ordinal))
        {
            // This user may not ask; it can do all the rest.
            return;
        }

        if (Version.TryParse(info.Text("redis_version"), out var version) && version < Oldest)
        {
            throw new RedisFailure($"{Settings} is version {version}; the embedded sidecar needs {Oldest} or later");
        }

        Replicas = (int)info.Number("connected_slaves");
        if (info.Number("aof_enabled") == 0)
        {
            NotDurable(Settings.Host);
        }

        if (info.Text("maxmemory_policy") is { } policy and not "noeviction" && info.Number("maxmemory") > 0)
        {
            Evicts(Settings.Host, policy);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis at {Host} does not answer yet; waiting for it")]
    private partial void Waiting(string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to Redis at {Host} is lost; trying to connect again")]
    private partial void Lost(string host);

    [LoggerMessage(Level = LogLevel.Information, Message = "The connection to Redis at {Host} is back")]
    private partial void Restored(string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Host} loses what it acknowledged when it is killed: its appendonly is off. Set \"appendonly yes\"")]
    private partial void NotDurable(string host);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis at {Host} throws messages and state away when its memory is used up: its maxmemory-policy is {Policy}. Set \"maxmemory-policy noeviction\"")]
    private partial void Evicts(string host, string policy);

    /// <summary>The lines of an INFO answer.</summary>
    private sealed class Info
    {
        private readonly Dictionary<string, string> _lines = new(StringComparer.Ordinal);

        public static Info Parse(string? answer)
        {
            var info = new Info();
            foreach (var line in (answer ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            {
                if (line.IndexOf(':') is > 0 and var colon)
                {
                    info._lines[line[..colon]] = line[(colon + 1)..];
                }
            }

            return info;
        }

        public string? Text(string name) => _lines.GetValueOrDefault(name);

        public long Number(string name) => long.TryParse(Text(name), out var number) ? number : 0;
    }
}
