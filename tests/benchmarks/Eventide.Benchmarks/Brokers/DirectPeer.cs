using System.Globalization;
using Eventide.Benchmarks.Peers;

namespace Eventide.Benchmarks.Brokers;

/// <summary>
/// A process with the broker's own client. "publish N" publishes N messages and answers when all are confirmed; "expect N" begins a run, "handled" answers
/// when all of it has been handled.
/// </summary>
internal static class DirectPeer
{
    public const string Role = "direct-client";

    public static async Task<int> RunAsync(string broker, string address, string topic, bool consumes, CancellationToken cancellationToken)
    {
        await using var client = await MeasuredBroker.All.Single(candidate => candidate.Name == broker).Connect(address, topic);
        var handled = new Handled();
        if (consumes)
        {
            await client.ConsumeAsync(message => handled.Add(BenchMessage.Handle(message.Span)), cancellationToken);
        }

        return await PeerRole.RunAsync("ready", (command, token) => ExecuteAsync(command, handled, client.PublishAsync, token), cancellationToken);
    }

    /// <summary>The commands of every client process of this benchmark.</summary>
    public static async Task<string> ExecuteAsync(
        string command, Handled handled, Func<byte[], int, CancellationToken, Task>? publish, CancellationToken cancellationToken)
    {
        switch (command.Split(' '))
        {
            case ["publish", var messages] when publish is not null:
                await Parallel.ForEachAsync(
                    Enumerable.Range(0, int.Parse(messages, CultureInfo.InvariantCulture)),
                    new ParallelOptions { MaxDegreeOfParallelism = MeasuredBroker.Publishers, CancellationToken = cancellationToken },
                    async (number, token) => await publish(BenchMessage.Create(number), number, token));
                break;
            case ["expect", var messages]:
                handled.Expect(int.Parse(messages, CultureInfo.InvariantCulture));
                break;
            case ["handled"]:
                await handled.AllAsync(cancellationToken);
                break;
            default:
                throw new ArgumentException($"unknown command \"{command}\"");
        }

        return "done";
    }
}
