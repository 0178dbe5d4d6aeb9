using System.Net;
using System.Net.Sockets;

namespace Eventide.ChildProcesses;

/// <summary>
/// Ports that nobody listens on. They stay below those that systems give to outgoing connections (Linux from 32768, macOS from 49152), because a port is
/// only bound some time after it was chosen, and free again for a while when its server is stopped. So that no other process chooses it meanwhile, each takes its ports from
/// blocks of its own: it listens on the first port of a block as long as it lives. Thread-safe; all of a process share its blocks.
/// </summary>
internal sealed class FreePorts
{
    private const int First = 10_000;
    private const int Blocks = 220;
    private const int BlockSize = 100;
    private static readonly Lock Sync = new();
    private static readonly List<(int Begin, Socket Guard)> Own = [];
    private static int _looked;
    private static int _taken;

    /// <summary>The next one. Throws <see cref="ProcessStartException"/> when there is none.</summary>
    public int Take()
    {
        lock (Sync)
        {
            // Each of its own blocks, then another one; when there is no more to have, its own once again.
            for (var rounds = 0; ;)
            {
                while (_taken < Own.Count * (BlockSize - 1))
                {
                    var (block, place) = Math.DivRem(_taken++, BlockSize - 1);
                    if (IsFree(Own[block].Begin + 1 + place))
                    {
                        return Own[block].Begin + 1 + place;
                    }
                }

                if (TryOwnAnother())
                {
                    continue;
                }

                if (rounds++ > 0)
                {
                    throw new ProcessStartException($"No port from {First} to {First + (Blocks * BlockSize) - 1} is free; stop something that listens there");
                }

                _taken = 0;
            }
        }
    }

    /// <summary>Whether this process could listen on it.</summary>
    public static bool IsFree(int port)
    {
        using var probe = TryListen(port);
        return probe is not null;
    }

    private static bool TryOwnAnother()
    {
        // Processes that start at the same moment look at different places first.
        for (; _looked < Blocks; _looked++)
        {
            var begin = First + ((Environment.ProcessId + _looked) % Blocks * BlockSize);
            if (TryListen(begin) is { } guard)
            {
                Own.Add((begin, guard));
                _looked++;
                return true;
            }
        }

        return false;
    }

    private static Socket? TryListen(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            socket.Listen(1);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
    }
}
