using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Eventide.Sidecar.Components.PubSub.RabbitMq;

/// <summary>
/// Publishes over one channel of a connection of its own: a broker that runs out of memory reads nothing more from connections that publish, and the
/// acknowledgements by which it could free memory must not be stuck behind the messages. With publisherConfirm a publish has succeeded when the broker said so, and
/// everything else is an error to the caller: a refusal, a lost connection, silence. Many messages may wait for their confirmation at once (Dapr: one). Thread-safe.
/// </summary>
internal sealed partial class RabbitMqPublisher : IAsyncDisposable
{
    private const int MostUnconfirmed = 1024;
    private static readonly TimeSpan ConfirmPatience = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _slots = new(MostUnconfirmed);
    private readonly SemaphoreSlim _writing = new(1);
    private readonly RabbitMqSettings _settings;
    private readonly RabbitMqConnection _connection;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private volatile PublishChannel? _channel;

    public RabbitMqPublisher(RabbitMqSettings settings, string name, TimeProvider time, ILogger log)
    {
        (_settings, _time, _log) = (settings, time, log);
        _connection = new RabbitMqConnection(settings, name, time, log) { OnBlocked = block => _ = GiveUpAsync(block) };
    }

    /// <summary>Connects; see <see cref="RabbitMqConnection.OpenAsync"/>.</summary>
    public Task OpenAsync(CancellationToken cancellationToken) => _connection.OpenAsync(cancellationToken);

    /// <summary>Completes when the broker has the message.</summary>
    /// <exception cref="RabbitMqException">It does not have it, or may not have it.</exception>
    public async Task PublishAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        await TakeSlotAsync(cancellationToken);
        await ConfirmAsync(await WriteAsync(message, cancellationToken), cancellationToken);
    }

    /// <summary>Publishes in order; see <see cref="IPubSub.PublishManyAsync"/>.</summary>
    public async Task<IReadOnlyList<Exception?>> PublishManyAsync(IReadOnlyList<PubSubMessage> messages, CancellationToken cancellationToken)
    {
        var answers = new Task<Exception?>[messages.Count];
        Exception? broken = null;
        for (var i = 0; i < messages.Count; i++)
        {
            if (broken is null)
            {
                try
                {
                    await TakeSlotAsync(cancellationToken);
                    answers[i] = AnswerAsync(await WriteAsync(messages[i], cancellationToken), cancellationToken);
                    continue;
                }
                catch (RabbitMqException failure)
                {
                    // The next ones would wait as long for nothing, and behind a gap.
                    broken = failure;
                }
            }

            answers[i] = Task.FromResult<Exception?>(broken);
        }

        return await Task.WhenAll(answers);
    }

    /// <summary>Throws when the broker does not answer.</summary>
    public async Task PingAsync(CancellationToken cancellationToken)
    {
        var connection = await _connection.GetAsync(TimeSpan.Zero, cancellationToken);
        try
        {
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await channel.CloseAsync(cancellationToken);
        }
        catch (Exception failure) when (IsOfClient(failure))
        {
            throw new RabbitMqException($"RabbitMQ at {_settings.Where} does not answer: {failure.Message}", inner: failure);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        if (_channel is not null)
        {
            await _channel.DisposeAsync();
        }

        _slots.Dispose();
        _writing.Dispose();
    }

    private static bool IsOfClient(Exception failure) => failure is RabbitMQClientException or TimeoutException or IOException or ObjectDisposedException;

    private async ValueTask TakeSlotAsync(CancellationToken cancellationToken)
    {
        if (!await _slots.WaitAsync(ConfirmPatience, cancellationToken))
        {
            throw RabbitMqException.Busy(_settings, MostUnconfirmed);
        }
    }

    /// <summary>Writes one message for which a slot was taken, and gives the slot back if that fails. The task in the answer is the broker's.</summary>
    private async ValueTask<Task> WriteAsync(PubSubMessage message, CancellationToken cancellationToken)
    {
        try
        {
            var begin = _time.GetTimestamp();
            var properties = MessageProperties.Of(_settings, message, Ignored);
            var routingKey = MessageProperties.RoutingKeyOf(message);
            var connection = await _connection.GetAsync(_settings.Patience, cancellationToken);
            if (_connection.Blocked is { } block && !await EndsAsync(block, _settings.Patience - _time.GetElapsedTime(begin), cancellationToken))
            {
                throw RabbitMqException.Blocked(_settings, block.Reason);
            }

            await _writing.WaitAsync(cancellationToken);
            try
            {
                return await WriteAsync(connection, message, routingKey, properties);
            }
            finally
            {
                _writing.Release();
            }
        }
        catch
        {
            _slots.Release();
            throw;
        }
    }

    // Not with the caller's token: a write that is cancelled half-way would leave the broker's count of messages and ours apart.
    private async ValueTask<Task> WriteAsync(IConnection connection, PubSubMessage message, string routingKey, BasicProperties properties)
    {
        try
        {
            var channel = await ChannelAsync(connection);
            await channel.DeclareAsync(message.Topic, CancellationToken.None);
            try
            {
                return await channel.WriteAsync(message, routingKey, properties, CancellationToken.None);
            }
            catch
            {
                await DropAsync(channel);
                throw;
            }
        }
        catch (Exception failure) when (IsOfClient(failure))
        {
            throw new RabbitMqException($"RabbitMQ at {_settings.Where} did not take the message: {failure.Message}", inner: failure);
        }
    }

    private async ValueTask<PublishChannel> ChannelAsync(IConnection connection)
    {
        if (_channel is { } channel)
        {
            if (channel.IsOpen && channel.Connection == connection)
            {
                return channel;
            }

            await DropAsync(channel);
        }

        return _channel = await PublishChannel.OpenAsync(_settings, connection, CancellationToken.None);
    }

    private async ValueTask DropAsync(PublishChannel channel)
    {
        _channel = null;
        await channel.DisposeAsync();
    }

    private async Task ConfirmAsync(Task confirmed, CancellationToken cancellationToken)
    {
        try
        {
            await confirmed.WaitAsync(ConfirmPatience, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw RabbitMqException.Silent(_settings, ConfirmPatience);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<Exception?> AnswerAsync(Task confirmed, CancellationToken cancellationToken)
    {
        try
        {
            await ConfirmAsync(confirmed, cancellationToken);
            return null;
        }
        catch (RabbitMqException failure)
        {
            return failure;
        }
    }

    private async Task<bool> EndsAsync(RabbitMqConnection.Block block, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (patience > TimeSpan.Zero)
        {
            await block.Ended.WaitAsync(patience, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }

        return block.Ended.IsCompleted;
    }

    // What the broker read before it stopped reading is not confirmed until it goes on.
    private async Task GiveUpAsync(RabbitMqConnection.Block block)
    {
        if (!await EndsAsync(block, _settings.Patience, CancellationToken.None))
        {
            _channel?.GiveUp(RabbitMqException.Blocked(_settings, block.Reason));
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message to {Topic} is published without {Name}: \"{Value}\" is no value for it")]
    private partial void Ignored(string topic, string name, string value);
}
