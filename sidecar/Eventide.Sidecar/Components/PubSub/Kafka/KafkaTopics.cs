using System.Diagnostics;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components.PubSub.Kafka;

/// <summary>
/// Sees to it that a topic exists before a consumer joins its group for it: asking for a topic makes the broker create it. A consumer that joins earlier
/// gets no partition, and its whole group joins a second time when the topic appears. Thread-safe.
/// </summary>
internal sealed partial class KafkaTopics(Func<string, TopicMetadata> ask, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TaskCompletionSource There, long Since)> _awaited = new(StringComparer.Ordinal);
    private bool _asking;

    /// <summary>Completes when the topic exists, or after 10 seconds without it: the consumer then finds it whenever it is created.</summary>
    public Task EnsureAsync(string topic)
    {
        lock (_lock)
        {
            if (_known.Contains(topic))
            {
                return Task.CompletedTask;
            }

            if (_awaited.TryGetValue(topic, out var awaited))
            {
                return awaited.There.Task;
            }

            var there = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _awaited[topic] = (there, Stopwatch.GetTimestamp());
            if (!_asking)
            {
                // One for all: the question blocks its thread.
                _asking = true;
                _ = Task.Run(AskAsync);
            }

            return there.Task;
        }
    }

    private async Task AskAsync()
    {
        while (Awaited() is { Length: > 0 } awaited)
        {
            foreach (var (topic, since) in awaited)
            {
                var exists = Exists(topic);
                if (exists || Stopwatch.GetElapsedTime(since) > Patience)
                {
                    Settle(topic, exists);
                }
            }

            await Task.Delay(Pause);
        }
    }

    private (string Topic, long Since)[] Awaited()
    {
        lock (_lock)
        {
            _asking = _awaited.Count > 0;
            return [.. _awaited.Select(pair => (pair.Key, pair.Value.Since))];
        }
    }

    private bool Exists(string topic)
    {
        try
        {
            var metadata = ask(topic);
            return metadata.Error.Code == ErrorCode.NoError && metadata.Partitions.Count > 0;
        }
        catch (Exception failure) when (failure is KafkaException or ObjectDisposedException)
        {
            return false;
        }
    }

    private void Settle(string topic, bool exists)
    {
        TaskCompletionSource there;
        lock (_lock)
        {
            _awaited.Remove(topic, out var awaited);
            there = awaited.There;
            if (exists)
            {
                _known.Add(topic);
            }
        }

        if (!exists)
        {
            Missing(topic, Patience.TotalSeconds);
        }

        there.SetResult();
    }

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Topic {Topic} did not exist and was not created by the broker within {Seconds} s; its messages are delivered once it exists")]
    private partial void Missing(string topic, double seconds);
}
