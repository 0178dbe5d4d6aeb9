namespace Eventide.Sidecar.Components.PubSub.Sqlite;

/// <summary>A message as one group holds it. What waits for long keeps its place only, and its content stays on disk. Not thread-safe: it has one owner at a time.</summary>
internal sealed class BrokerMessage(long sequence, string? partitionKey, long? expires, PubSubMessage? content)
{
    /// <summary>Its place among all messages of the file.</summary>
    public long Sequence => sequence;

    /// <summary>Messages of one key are delivered one after the other; null has no order.</summary>
    public string? PartitionKey => partitionKey;

    /// <summary>When its time to live is over, in Unix milliseconds.</summary>
    public long? Expires => expires;

    /// <summary>Null when it must be read from disk.</summary>
    public PubSubMessage? Content { get; private set; } = content;

    /// <summary>Failed deliveries so far, in this process.</summary>
    public int Failures { get; set; }

    /// <summary>Lets go of the content.</summary>
    public void Forget() => Content = null;
}
