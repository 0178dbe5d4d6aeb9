using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Eventide.Brokers.Servers;

/// <summary>
/// The mock cluster inside of librdkafka: brokers on real ports that every client of this machine can use, with consumer groups, idempotent producers and
/// record headers, and faults on request. Its messages are in the memory of this process, the last 5 MB of each partition, and stay while it is stopped.
/// Topics are made when they are first used, with four partitions.
/// </summary>
internal sealed class MockKafka : ILocalServer
{
    private const int Brokers = 3;
    private IntPtr _client;
    private IntPtr _cluster;
    private string? _address;

    /// <inheritdoc/>
    public string Name => "Mock of Kafka, in memory only";

    /// <inheritdoc/>
    public string Address => _address ?? throw new InvalidOperationException("The mock has no address before its first start.");

    /// <summary>How long a group waits for more members at its first rebalance. The default value is that of brokers, 3 seconds.</summary>
    public TimeSpan GroupDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (_cluster == IntPtr.Zero)
        {
            Create();
        }

        ForEachBroker(broker => MockCluster.SetUp(_cluster, broker));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        ForEachBroker(broker => MockCluster.SetDown(_cluster, broker));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task KillAsync(CancellationToken cancellationToken) => StopAsync(cancellationToken);

    /// <summary>Makes a topic with so many partitions, before anybody uses it.</summary>
    public void CreateTopic(string topic, int partitions) => Check(MockCluster.CreateTopic(_cluster, topic, partitions, 1));

    /// <summary>The next requests of a kind get these answers, one each; then all is well again.</summary>
    public void FailNext(KafkaRequest request, params ErrorCode[] errors) =>
        MockCluster.PushErrors(_cluster, (short)request, (nuint)errors.Length, [.. errors.Select(error => (int)error)]);

    /// <summary>Makes a producer believe that it has failed for good, as librdkafka's own tests do: what it has not sent is thrown out of its queue.</summary>
    public static void FailForGood(Handle client, ErrorCode error, string reason)
    {
        var handle = (SafeHandle)typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(client)!;
        Check(MockCluster.FailForGood(handle.DangerousGetHandle(), (int)error, reason));
    }

    /// <summary>Every answer takes so long.</summary>
    public void SetLatency(TimeSpan latency) => ForEachBroker(broker => MockCluster.SetLatency(_cluster, broker, (int)latency.TotalMilliseconds));

    /// <summary>Stops one broker; what it leads cannot be written until it is back.</summary>
    public void StopBroker(int broker) => Check(MockCluster.SetDown(_cluster, broker));

    /// <summary>Starts it again.</summary>
    public void StartBroker(int broker) => Check(MockCluster.SetUp(_cluster, broker));

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_cluster != IntPtr.Zero)
        {
            MockCluster.Destroy(_cluster);
            MockCluster.DestroyClient(_client);
            (_cluster, _client) = (IntPtr.Zero, IntPtr.Zero);
        }

        return ValueTask.CompletedTask;
    }

    private void Create()
    {
        var configuration = MockCluster.NewConfiguration();
        var reason = new byte[512];

        // The client that carries the cluster talks to nobody: it has nothing to log.
        MockCluster.Set(configuration, "log_level", "0", reason, (nuint)reason.Length);
        _client = MockCluster.NewClient(MockCluster.Producer, configuration, reason, (nuint)reason.Length);
        _cluster = _client == IntPtr.Zero ? IntPtr.Zero : MockCluster.New(_client, Brokers);
        if (_cluster == IntPtr.Zero)
        {
            throw new ServerException("The mock of Kafka did not start; the client library librdkafka of this machine does not have it.");
        }

        MockCluster.SetGroupDelay(_cluster, (int)GroupDelay.TotalMilliseconds);
        _address = Marshal.PtrToStringUTF8(MockCluster.Bootstraps(_cluster));
    }

    private void ForEachBroker(Func<int, int> act)
    {
        for (var broker = 1; broker <= Brokers; broker++)
        {
            Check(act(broker));
        }
    }

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new ServerException($"The mock of Kafka refused: {new Error((ErrorCode)error).Reason}.");
        }
    }
}

/// <summary>Kinds of requests, by their number in Kafka's protocol.</summary>
internal enum KafkaRequest : short
{
    Produce = 0,
    Fetch = 1,
    Metadata = 3,
    OffsetCommit = 8,
    OffsetFetch = 9,
    FindCoordinator = 10,
    JoinGroup = 11,
    Heartbeat = 12,
    SyncGroup = 14,
    InitProducerId = 22,
}
