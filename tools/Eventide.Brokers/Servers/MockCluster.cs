using System.Diagnostics;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace Eventide.Brokers.Servers;

/// <summary>The functions of librdkafka's mock cluster (rdkafka_mock.h), in the library that the client has loaded.</summary>
internal static partial class MockCluster
{
    public const int Producer = 0;
    private const string Name = "librdkafka";

    static MockCluster()
    {
        Library.Load(null);

        // The client chooses among several builds of the library, so its file does not have the name that a search would look for.
        var file = Process.GetCurrentProcess().Modules.Cast<ProcessModule>()
            .Select(module => module.FileName).FirstOrDefault(file => Path.GetFileName(file).Contains(Name, StringComparison.Ordinal));
        NativeLibrary.SetDllImportResolver(
            typeof(MockCluster).Assembly, (name, _, _) => name == Name && file is not null ? NativeLibrary.Load(file) : IntPtr.Zero);
    }

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_new")]
    public static partial IntPtr NewConfiguration();

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Set(IntPtr configuration, string name, string value, byte[] reason, nuint reasonLength);

    [LibraryImport(Name, EntryPoint = "rd_kafka_new")]
    public static partial IntPtr NewClient(int type, IntPtr configuration, byte[] reason, nuint reasonLength);

    [LibraryImport(Name, EntryPoint = "rd_kafka_destroy")]
    public static partial void DestroyClient(IntPtr client);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_new")]
    public static partial IntPtr New(IntPtr client, int brokers);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_destroy")]
    public static partial void Destroy(IntPtr cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial IntPtr Bootstraps(IntPtr cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateTopic(IntPtr cluster, string topic, int partitions, int replicas);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetGroupDelay(IntPtr cluster, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_rtt")]
    public static partial int SetLatency(IntPtr cluster, int broker, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int SetDown(IntPtr cluster, int broker);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int SetUp(IntPtr cluster, int broker);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_push_request_errors_array")]
    public static partial void PushErrors(IntPtr cluster, short request, nuint count, int[] errors);

    [LibraryImport(Name, EntryPoint = "rd_kafka_test_fatal_error", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FailForGood(IntPtr client, int error, string reason);
}
