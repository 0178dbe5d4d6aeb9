namespace Eventide.ChildProcesses;

/// <summary>Where a child's output goes: its file, whoever watches, and the memory of the last lines. Thread-safe.</summary>
internal sealed class ProcessLog : IDisposable
{
    private const int Remembered = 8;
    private const long LargestFile = 32 * 1024 * 1024;
    private readonly Queue<string> _last = new();
    private readonly StreamWriter _file;
    private readonly Action<string> _show;

    public ProcessLog(string file, Action<string> show)
    {
        if (File.Exists(file) && new FileInfo(file).Length > LargestFile)
        {
            File.Move(file, file + ".old", overwrite: true);
        }

        _file = new StreamWriter(new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
        _show = show;
    }

    /// <summary>The last lines that are not empty.</summary>
    public IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_last)
            {
                return [.. _last];
            }
        }
    }

    /// <summary>Takes every line until the stream ends.</summary>
    public async Task CopyAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            Write(line);
        }
    }

    /// <summary>Takes one line.</summary>
    public void Write(string line)
    {
        lock (_last)
        {
            _file.WriteLine(line);
            if (line.Length > 0)
            {
                _last.Enqueue(line);
                if (_last.Count > Remembered)
                {
                    _last.Dequeue();
                }
            }
        }

        _show(line);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_last)
        {
            _file.Dispose();
        }
    }
}
