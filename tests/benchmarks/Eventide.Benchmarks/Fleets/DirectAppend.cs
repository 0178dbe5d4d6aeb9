using System.Diagnostics;
using Eventide.Benchmarks.Brokers;
using Eventide.Benchmarks.Measuring;
using Eventide.Contracts;
using Eventide.Sidecar.Components.PubSub;

namespace Eventide.Benchmarks.Fleets;

/// <summary>The broker's component in this process, given what telemetry's sidecar gives it: what is left of the way in when there is nothing around the broker.</summary>
internal sealed class DirectAppend : IAsyncDisposable
{
    private readonly IPubSub _broker;
    private readonly IReadOnlyList<PubSubMessage> _messages;

    private DirectAppend(IPubSub broker, IReadOnlyList<PubSubMessage> messages) => (_broker, _messages) = (broker, messages);

    /// <param name="folder">Where its file goes.</param>
    /// <param name="messages">One request's, as they are in the broker's file.</param>
    public static async Task<DirectAppend> StartAsync(string folder, IReadOnlyList<(string Key, byte[] Data)> messages)
    {
        var broker = SqliteDirectClient.Create(folder);
        await broker.InitializeAsync(CancellationToken.None);
        return new DirectAppend(broker, [.. messages.Select(message => new PubSubMessage(
            Topics.Telemetry, message.Data, "application/cloudevents+json", new Dictionary<string, string> { ["partitionKey"] = message.Key }))]);
    }

    /// <summary>Appends so many messages, several requests at a time.</summary>
    /// <returns>Messages per second, and microseconds of processor time of each.</returns>
    public async Task<(double PerSecond, double Microseconds)> RunAsync(int messages, int requestsAtATime, CancellationToken cancellationToken)
    {
        var (own, start) = (ProcessorTime.Microseconds, Stopwatch.GetTimestamp());
        await Parallel.ForEachAsync(
            Enumerable.Range(0, messages / _messages.Count), new ParallelOptions { MaxDegreeOfParallelism = requestsAtATime, CancellationToken = cancellationToken },
            async (_, token) => await _broker.PublishManyAsync(_messages, token));
        return (messages / Stopwatch.GetElapsedTime(start).TotalSeconds, (ProcessorTime.Microseconds - own) / messages);
    }

    public ValueTask DisposeAsync() => _broker.DisposeAsync();
}
