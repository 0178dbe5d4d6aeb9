using System.Net;
using System.Net.Sockets;

namespace Eventide.ChildProcesses;

/// <summary>
/// Ports that nobody listens on. They stay below those that systems give to outgoing connections (Linux from 32768, macOS from 49152), because a port is
/// only bound some time after it was chosen; and each process looks from another place, because runners may start at the same moment. All of a process go on from
/// the same place: two that began anew would give the same port twice, before either is bound. Thread-safe.
/// </summary>
internal sealed class FreePorts
{
    private const int First = 10_000;
    private const int Count = 22_000;
    private const int PerProcess = 64;
    private static readonly int Begin = Environment.ProcessId % (Count / PerProcess) * PerProcess;
    private static int _taken = -1;

    /// <summary>The next one. Throws <see cref="ProcessStartException"/> when there is none.</summary>
    public int Take()
    {
        for (var tried = 0; tried < Count; tried++)
        {
            var port = First + ((Begin + (int)((uint)Interlocked.Increment(ref _taken) % Count)) % Count);
            if (IsFree(port))
            {
                return port;
            }
        }

        throw new ProcessStartException($"No port from {First} to {First + Count - 1} is free; stop something that listens there");
    }

    /// <summary>Whether this process could listen on it.</summary>
    public static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            probe.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
