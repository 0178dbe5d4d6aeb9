using Eventide.Sidecar.Cli.Logging;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>All sidecars in this process. Each logs to a file of its own; its warnings are shown with the app's name.</summary>
internal sealed class EmbeddedSidecars(RunSettings settings, RunDisplay display) : ISidecarSource
{
    private readonly SidecarHost _host = new(
        disorder: settings.Duplicates > 0 ? new DeliveryDisorder(Random.Shared.Next(), settings.Duplicates, Window: 1) : null);
    private readonly List<Embedded> _sidecars = [];

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
        try
        {
            var sidecar = new Embedded(await _host.StartAsync(plan.Sidecar(settings) with { Loggers = loggers }, cancellationToken), loggers, file, Forget);
            lock (_sidecars)
            {
                _sidecars.Add(sidecar);
            }

            return sidecar;
        }
        catch
        {
            loggers.Dispose();
            await file.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Embedded[] rest;
        lock (_sidecars)
        {
            rest = [.. _sidecars];
        }

        foreach (var sidecar in rest)
        {
            await sidecar.DisposeAsync();
        }

        await _host.DisposeAsync();
    }

    // Of a process that was taken out; in a run that follows its load there are many of them.
    private void Forget(Embedded sidecar)
    {
        lock (_sidecars)
        {
            _sidecars.Remove(sidecar);
        }
    }

    private sealed class Embedded(SidecarInstance sidecar, ILoggerFactory loggers, StreamWriter log, Action<Embedded> ended) : IRunningSidecar
    {
        public Task WaitUntilReadyAsync(CancellationToken cancellationToken) => sidecar.Ready.WaitAsync(cancellationToken);

        public Task DrainAsync() => sidecar.DrainAsync();

        public async ValueTask DisposeAsync()
        {
            await sidecar.DisposeAsync();
            loggers.Dispose();
            await log.DisposeAsync();
            ended(this);
        }
    }
}
