using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// The topics that a member is to have: they may change at any time, and the member learns of them once they have been the same for a moment and exist.
/// Changes come from any thread; everything else is called by the polling thread.
/// </summary>
internal sealed partial class TopicsToJoin(KafkaTopics known, ILogger log)
{
    /// <summary>How often a topic that is being created is looked for.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // An app's subscriptions come one right after the other.
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private IReadOnlyCollection<string> _topics = [];
    private long _changed;
    private long _created;
    private bool _areTaken = true;
    private bool _isListed;

    /// <summary>Whether the member knows them all.</summary>
    public bool AreTaken
    {
        get
        {
            lock (_lock)
            {
                return _areTaken;
            }
        }
    }

    /// <summary>From now on it is these.</summary>
    public void Change(IEnumerable<string> topics)
    {
        lock (_lock)
        {
            (_topics, _changed, _areTaken) = ([.. topics], Stopwatch.GetTimestamp(), false);
        }
    }

    /// <summary>There is a new client, which knows none of them.</summary>
    public void Repeat()
    {
        lock (_lock)
        {
            _areTaken = false;
        }
    }

    /// <summary>
    /// The topics, when it is time to join for them; else null. Asks the broker one question at most, so that the member does not stop taking messages of
    /// other topics for long. A topic that does not appear within 5 seconds after that is joined for nevertheless: its messages come when it exists.
    /// </summary>
    public IReadOnlyCollection<string>? TryTake()
    {
        IReadOnlyCollection<string> topics;
        lock (_lock)
        {
            topics = _topics;
            if (_areTaken || Stopwatch.GetElapsedTime(_changed) < Quiet)
            {
                return null;
            }
        }

        var unknown = known.Unknown(topics);
        if (unknown.Count > 0 && (_created == 0 || Stopwatch.GetElapsedTime(_created) < Patience))
        {
            Ask(unknown);
            return null;
        }

        foreach (var topic in unknown)
        {
            Missing(topic, Patience.TotalSeconds);
        }

        lock (_lock)
        {
            if (!ReferenceEquals(topics, _topics))
            {
                return null;
            }

            _areTaken = true;
            return topics;
        }
    }

    // First what there is: after the very first start that is all, in one answer.
    private void Ask(IReadOnlyList<string> unknown)
    {
        try
        {
            if (_isListed && unknown.FirstOrDefault(_asked.Add) is { } topic)
            {
                _created = Stopwatch.GetTimestamp();
                known.Create(topic);
            }
            else
            {
                _isListed = true;
                known.Refresh();
            }
        }
        catch (KafkaException)
        {
            // No broker answers; the connection has said so.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Topic {Topic} does not exist and was not created by the broker within {Seconds} s; its messages are delivered once it exists")]
    private partial void Missing(string topic, double seconds);
}
