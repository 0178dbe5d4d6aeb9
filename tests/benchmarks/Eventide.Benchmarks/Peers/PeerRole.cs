using System.Globalization;
using System.Text.Json;
using Eventide.Benchmarks.Measuring;

namespace Eventide.Benchmarks.Peers;

/// <summary>
/// The inside of a child process: says where it listens in one line, then answers each line "cpu" with its processor time in microseconds, and ends with its
/// standard input, so also when the driver is killed.
/// </summary>
internal static class PeerRole
{
    public static async Task<int> RunAsync(object addresses, CancellationToken cancellationToken)
    {
        Console.WriteLine(JsonSerializer.Serialize(addresses));
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
        {
            Console.WriteLine(ProcessorTime.Microseconds.ToString(CultureInfo.InvariantCulture));
        }

        return 0;
    }
}
