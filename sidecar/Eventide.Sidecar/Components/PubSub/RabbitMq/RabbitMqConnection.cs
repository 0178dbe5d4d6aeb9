using Microsoft.Extensions.Logging;
using RabbitMQ.Client;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// A connection that comes back by itself: when it is lost, it is made anew, one attempt every <see cref="RabbitMqSettings.ReconnectWait"/>, until it is disposed. The
/// client's own recovery is off: it would take up deliveries and confirmations of the old connection in the new one. Thread-safe.
/// </summary>
internal sealed partial class RabbitMqConnection(RabbitMqSettings settings, string name, TimeProvider time, ILogger log) : IAsyncDisposable
{
    private static readonly TimeSpan StartPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan DialPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ClosePatience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly ConnectionFactory _factory = Factory(settings, name);
    private volatile TaskCompletionSource<IConnection> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _kept;
    private volatile RabbitMqException? _failure;
    private volatile Block? _block;

    /// <summary>That the broker takes no messages at the moment; null when it does.</summary>
    public Block? Blocked => _block;

    /// <summary>Called when the broker takes no messages any more.</summary>
    public Action<Block>? OnBlocked { get; init; }

    /// <summary>The connection if there is one at this moment.</summary>
    public IConnection? Current => _open.Task is { IsCompletedSuccessfully: true } open && open.Result.IsOpen ? open.Result : null;

    /// <summary>
    /// Connects for the first time. A broker that does not answer yet is waited for until the token ends it; one that answers no is not.
    /// </summary>
    /// <exception cref="RabbitMqException">What was wrong at the end.</exception>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        for (var isToldOf = false; ; isToldOf = true)
        {
            try
            {
                Keep(await ConnectAsync(cancellationToken));
                return;
            }
            catch (RabbitMqException failure) when (failure.IsTransient && !cancellationToken.IsCancellationRequested)
            {
                if (!isToldOf)
                {
                    Waiting(failure.Message);
                }

                await Task.Delay(StartPause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (cancellationToken.IsCancellationRequested)
                {
                    throw;
                }
            }
        }
    }

    /// <summary>The connection, made if need be. Waits for it for so long.</summary>
    /// <exception cref="RabbitMqException">It is not there in time; why.</exception>
    public async ValueTask<IConnection> GetAsync(TimeSpan patience, CancellationToken cancellationToken)
    {
        if (Current is { } current)
        {
            return current;
        }

        Keep(null);
        try
        {
            return await _open.Task.WaitAsync(patience > TimeSpan.Zero ? patience : TimeSpan.Zero, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw _failure ?? RabbitMqException.NotConnected(settings, "nothing yet");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Task? kept;
        lock (_lock)
        {
            kept = _kept ??= Task.CompletedTask;
        }

        await _closing.CancelAsync();
        await kept;
        _open.TrySetException(new ObjectDisposedException(nameof(RabbitMqConnection)));
        _ = _open.Task.Exception;
        _closing.Dispose();
    }

    private static ConnectionFactory Factory(RabbitMqSettings settings, string name)
    {
        var factory = new ConnectionFactory
        {
            Uri = settings.Address,
            ClientProvidedName = settings.ClientName ?? name,
            AutomaticRecoveryEnabled = false,
            TopologyRecoveryEnabled = false,
            RequestedHeartbeat = settings.HeartBeat,
            RequestedConnectionTimeout = DialPatience,
            // The client's own limit of 64 MB would break the connection again and again at a message that the broker has taken.
            MaxInboundMessageBodySize = 512 * 1024 * 1024,
        };
        if (settings.IsEncrypted)
        {
            // The client accepts a certificate of any name by default.
            factory.Ssl.AcceptablePolicyErrors = System.Net.Security.SslPolicyErrors.None;
            settings.Certificates.ApplyTo(factory.Ssl);
        }

        if (settings.SaslExternal)
        {
            factory.AuthMechanisms = [new ExternalMechanismFactory()];
        }

        return factory;
    }

    private void Keep(IConnection? connection)
    {
        lock (_lock)
        {
            _kept ??= Task.Run(() => KeepAsync(connection));
            if (connection is not null)
            {
                _open.TrySetResult(connection);
            }
        }
    }

    private async Task KeepAsync(IConnection? connection)
    {
        for (; ; connection = null)
        {
            connection ??= await ConnectForEverAsync();
            if (connection is null)
            {
                return;
            }

            var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            connection.ConnectionShutdownAsync += (_, reason) =>
            {
                lost.TrySetResult(reason.ReplyText);
                return Task.CompletedTask;
            };
            connection.ConnectionBlockedAsync += (_, reason) =>
            {
                var block = _block = new Block(reason.Reason);
                TakesNothing(settings.Where, reason.Reason);
                OnBlocked?.Invoke(block);
                return Task.CompletedTask;
            };
            connection.ConnectionUnblockedAsync += (_, _) =>
            {
                Unblock();
                TakesMessages(settings.Where);
                return Task.CompletedTask;
            };
            if (connection.CloseReason is { } already)
            {
                lost.TrySetResult(already.ReplyText);
            }

            _open.TrySetResult(connection);
            using (_closing.Token.UnsafeRegister(static state => ((TaskCompletionSource<string>)state!).TrySetCanceled(), lost))
            {
                await Task.WhenAny(lost.Task);
            }

            Unblock();
            if (_closing.IsCancellationRequested)
            {
                await CloseAsync(connection);
                return;
            }

            Lost(settings.Where, lost.Task.Result);
            _failure = RabbitMqException.NotConnected(settings, $"the connection is lost: {lost.Task.Result}");
            _open = new TaskCompletionSource<IConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
            await CloseAsync(connection);
            await Task.Delay(settings.ReconnectWait, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Unblock()
    {
        var block = _block;
        _block = null;
        block?.End();
    }

    private async Task<IConnection?> ConnectForEverAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var connection = await ConnectAsync(_closing.Token);
                Connected(settings.Where);
                return connection;
            }
            catch (RabbitMqException failure)
            {
                // Told once per reason, not every few seconds of an outage.
                if (_failure?.Message != failure.Message)
                {
                    NotConnected(failure.Message, settings.ReconnectWait);
                }

                _failure = failure;
            }

            await Task.Delay(settings.ReconnectWait, time, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return null;
    }

    private async Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        IConnection? connection = null;
        try
        {
            connection = await _factory.CreateConnectionAsync(cancellationToken);

            // The client does not wait for the broker's answer to its last step, which is where a virtual host is refused.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            return connection;
        }
        catch (Exception failure)
        {
            if (connection is not null)
            {
                await CloseAsync(connection);
            }

            throw RabbitMqException.NotConnected(settings, failure);
        }
    }

    private static async Task CloseAsync(IConnection connection)
    {
        await connection.CloseAsync(200, "closed", ClosePatience, abort: true, CancellationToken.None);
        await connection.DisposeAsync();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Waiting for the broker: {Reason}")]
    private partial void Waiting(string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The connection to RabbitMQ at {Where} is lost ({Reason}); connecting again")]
    private partial void Lost(string where, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Not connected, trying again every {Interval}: {Reason}")]
    private partial void NotConnected(string reason, TimeSpan interval);

    [LoggerMessage(Level = LogLevel.Information, Message = "Connected to RabbitMQ at {Where}")]
    private partial void Connected(string where);

    [LoggerMessage(Level = LogLevel.Warning, Message = "RabbitMQ at {Where} takes no messages ({Reason}); publishing fails until it has memory and disk space again")]
    private partial void TakesNothing(string where, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "RabbitMQ at {Where} takes messages again")]
    private partial void TakesMessages(string where);

    /// <summary>A time in which the broker takes no messages, because its memory or its disk is full. Thread-safe.</summary>
    internal sealed class Block(string reason)
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Reason => reason;

        /// <summary>Completes when it takes messages again, or the connection has ended.</summary>
        public Task Ended => _ended.Task;

        public void End() => _ended.TrySetResult();
    }
}
