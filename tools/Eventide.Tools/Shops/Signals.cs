using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Eventide.Tools.Shops;

/// <summary>POSIX signals to other processes.</summary>
internal static partial class Signals
{
    public const int Kill = 9;
    public const int Terminate = 15;

    /// <returns>False when there is no such process any more.</returns>
    /// <exception cref="Win32Exception">The system did not allow it.</exception>
    public static bool Send(int pid, int signal)
    {
        const int noSuchProcess = 3;
        if (Call(pid, signal) == 0)
        {
            return true;
        }

        return Marshal.GetLastPInvokeError() == noSuchProcess ? false : throw new Win32Exception(Marshal.GetLastPInvokeError());
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Call(int pid, int signal);
}
