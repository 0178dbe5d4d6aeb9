using System.Text;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>
/// The folder of one run: its state, its logs and run.json. An OS lock, which ends with the process however it ends, keeps a second runner out.
/// </summary>
internal sealed class DataFolder : IDisposable
{
    // macOS allows 104 bytes with the terminating zero, Linux 108.
    private const int LongestSocketPath = 103;
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream @lock)
    {
        (Path, _lock) = (path, @lock);
        Logs = Directory.CreateDirectory(System.IO.Path.Combine(path, "logs")).FullName;
        RunState = System.IO.Path.Combine(path, "run.json");
        Control = System.IO.Path.Combine(path, "run.sock");
        if (Encoding.UTF8.GetByteCount(Control) > LongestSocketPath)
        {
            Control = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"eventide-{Guid.NewGuid():N}.sock");
        }
    }

    /// <summary>The folder itself.</summary>
    public string Path { get; }

    /// <summary>One file per process.</summary>
    public string Logs { get; }

    /// <summary>What runs; there is one exactly while everything is up.</summary>
    public string RunState { get; }

    /// <summary>Where the run takes requests.</summary>
    public string Control { get; }

    /// <summary>Takes <c>data/</c> below <paramref name="parent"/>. Throws <see cref="SidecarStartException"/> when another runner has it.</summary>
    public static DataFolder Take(DirectoryInfo parent)
    {
        var path = Directory.CreateDirectory(System.IO.Path.Combine(parent.FullName, "data")).FullName;
        try
        {
            var taken = new DataFolder(path, new FileStream(System.IO.Path.Combine(path, "run.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));

            // Of a runner that was killed: whoever waits for the file must not read what ran then.
            File.Delete(taken.RunState);
            return taken;
        }
        catch (IOException failure)
        {
            throw new SidecarStartException(
                $"Another run already uses the data folder {path}; stop it, or give this one a folder of its own with --data (make run DATA=DIR).", failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Delete(RunState);
        _lock.Dispose();
    }
}
