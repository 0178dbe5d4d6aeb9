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
    public static Task<int> RunAsync(object addresses, CancellationToken cancellationToken) =>
        RunAsync(addresses, (command, _) => throw new ArgumentException($"unknown command \"{command}\""), cancellationToken);

    /// <param name="execute">Carries out a line other than "cpu" and gives the line that answers it.</param>
    public static async Task<int> RunAsync(object addresses, Func<string, CancellationToken, Task<string>> execute, CancellationToken cancellationToken)
    {
        Console.WriteLine(JsonSerializer.Serialize(addresses));
        while (await Console.In.ReadLineAsync(cancellationToken) is { } command)
        {
            Console.WriteLine(command == "cpu" ? ProcessorTime.Microseconds.ToString(CultureInfo.InvariantCulture) : await execute(command, cancellationToken));
        }

        return 0;
    }
}
