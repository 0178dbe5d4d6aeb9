using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// Whether the brokers can be reached, said once when it changes. The client's own log, a line per broker and attempt, is for who asks for debug.
/// Thread-safe.
/// </summary>
internal sealed partial class KafkaConnection(string brokers, ILogger log)
{
    private int _isDown;
    private volatile string? _lastError;

    /// <summary>What the client complained about last, for the message of a start that failed.</summary>
    public string? LastError => _lastError;

    /// <summary>Takes an error that the client reports outside of any call.</summary>
    public void Report(Error error)
    {
        _lastError = error.Reason;
        if (error.Code is ErrorCode.Local_AllBrokersDown or ErrorCode.Local_Authentication or ErrorCode.SaslAuthenticationFailed)
        {
            if (Interlocked.Exchange(ref _isDown, 1) == 0)
            {
                Down(brokers, error.Reason);
            }
        }
        else
        {
            Reported(error.Reason, error.Code);
        }
    }

    /// <summary>A broker has answered.</summary>
    public void Answered()
    {
        if (Volatile.Read(ref _isDown) == 1 && Interlocked.Exchange(ref _isDown, 0) == 1)
        {
            Up(brokers);
        }
    }

    /// <summary>Takes a line of the client's own log.</summary>
    public void Report(LogMessage message) => Client(message.Name, message.Facility, message.Message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Kafka at {Brokers} cannot be reached; publishing waits for it and delivery goes on when it is back: {Reason}")]
    private partial void Down(string brokers, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "Kafka at {Brokers} answers again")]
    private partial void Up(string brokers);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Kafka client: {Reason} ({Code})")]
    private partial void Reported(string reason, ErrorCode code);

    [LoggerMessage(Level = LogLevel.Debug, Message = "Kafka client {Client} {Facility}: {Text}")]
    private partial void Client(string client, string facility, string text);
}
