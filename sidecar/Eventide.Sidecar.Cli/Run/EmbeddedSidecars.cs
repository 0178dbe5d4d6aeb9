using Eventide.Sidecar.Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>All sidecars in this process. Each logs to a file of its own; its warnings are shown with the app's name.</summary>
internal sealed class EmbeddedSidecars(RunSettings settings, RunDisplay display) : ISidecarSource
{
    private readonly SidecarHost _host = new();
    private readonly List<IDisposable> _logs = [];

    /// <summary>They end with this process.</summary>
    public Task<string> Failed { get; } = new TaskCompletionSource<string>().Task;

    /// <inheritdoc/>
    public async Task<IRunningSidecar> StartAsync(AppPlan plan, CancellationToken cancellationToken)
    {
        var file = new StreamWriter(plan.SidecarLog, append: true) { AutoFlush = true };
        var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.Warning).AddProvider(new LineLoggerProvider(LineLoggerProvider.Plain, (level, line) =>
            {
                lock (file)
                {
                    file.WriteLine($"{DateTimeOffset.UtcNow:O} {line}");
                }

                if (level >= LogLevel.Warning)
                {
                    display.Log(plan, $"sidecar: {line}");
                }
            })));
        lock (_logs)
        {
            _logs.AddRange([loggers, file]);
        }

        return new Embedded(await _host.StartAsync(plan.Sidecar(settings) with { Loggers = loggers }, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _logs.ForEach(log => log.Dispose());
    }

    private sealed class Embedded(SidecarInstance sidecar) : IRunningSidecar
    {
        public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => sidecar.Ready.WaitAsync(cancellationToken);
    }
}
