using Eventide.Sidecar.Components;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eventide.Sidecar;

/// <summary>
/// Holds any number of sidecars in one process. They share what may be open only once (the embedded broker) and find each other without name
/// resolution; apart from that each is on its own. Thread-safe.
/// </summary>
/// <param name="time">The clock of all timers, time-outs and expiry; tests pass one that they move.</param>
/// <param name="loggers">Where sidecars log.</param>
/// <param name="disorder">Shuffles and doubles deliveries, for tests; null leaves them as the broker gives them.</param>
public sealed class SidecarHost(TimeProvider? time = null, ILoggerFactory? loggers = null, DeliveryDisorder? disorder = null) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<SidecarInstance> _sidecars = [];
    private int _next;

    internal TimeProvider Time { get; } = time ?? TimeProvider.System;

    internal ILoggerFactory Loggers { get; } = loggers ?? NullLoggerFactory.Instance;

    internal DeliveryDisorder? Disorder { get; } = disorder;

    internal SharedComponents Shared { get; } = new();

    /// <summary>The running sidecars.</summary>
    public IReadOnlyList<SidecarInstance> Sidecars
    {
        get
        {
            lock (_lock)
            {
                return [.. _sidecars];
            }
        }
    }

    /// <summary>
    /// Starts a sidecar. Returns when its API listens (outbound ready); delivery to the app starts by itself as soon as the app is healthy.
    /// </summary>
    /// <exception cref="Hosting.SidecarStartException">A resource file or component is wrong, or a port is taken; the message names it.</exception>
    public async Task<SidecarInstance> StartAsync(SidecarOptions options, CancellationToken cancellationToken = default)
    {
        var sidecar = new SidecarInstance(this, options);
        try
        {
            await sidecar.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await sidecar.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        lock (_lock)
        {
            _sidecars.Add(sidecar);
        }

        return sidecar;
    }

    /// <summary>Stops all sidecars.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var sidecar in Sidecars)
        {
            await sidecar.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>A sidecar of the app in this process: the healthy ones take turns; an unhealthy one when there is no other, null when there is none.</summary>
    internal SidecarInstance? FindApp(string appId)
    {
        lock (_lock)
        {
            SidecarInstance? first = null;
            for (var turn = 0; turn < _sidecars.Count; turn++)
            {
                var index = (_next + turn) % _sidecars.Count;
                if (_sidecars[index].Options.AppId != appId)
                {
                    continue;
                }

                if (_sidecars[index].IsAppHealthy)
                {
                    _next = index + 1;
                    return _sidecars[index];
                }

                first ??= _sidecars[index];
            }

            return first;
        }
    }

    internal void Remove(SidecarInstance sidecar)
    {
        lock (_lock)
        {
            _sidecars.Remove(sidecar);
        }
    }
}
