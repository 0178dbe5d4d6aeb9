using System.Globalization;
using System.Runtime.InteropServices;
using Eventide.Scaling.Chart;
using Eventide.Scaling.Local.Brokers;
using Eventide.Scaling.Local.Clock;
using Eventide.Scaling.Local.Shops;
using Eventide.Tools;

namespace Eventide.Scaling.Local.Control;

/// <summary>`autoscale`: replicas of the running shop follow its load until it is stopped; then everything is as it was before, and the timeline is kept as JSON.</summary>
internal static class AutoscaleCommand
{
    private static readonly TimeSpan RestorePatience = TimeSpan.FromSeconds(45);

    /// <exception cref="ToolException">No shop runs, or it cannot be scaled like this; the message has the remedy.</exception>
    public static async Task<int> ExecuteAsync(AutoscaleSettings settings, CancellationToken cancellationToken)
    {
        var shop = new RunningShop(settings.Data);
        var state = shop.State;
        var broker = BrokerComponent.Find(state.Resources, BacklogReaders.Component);
        var chart = settings.Chart ?? BacklogReaders.ChartFor(broker);
        var services = Services(ReadChart(chart), state.Apps.Select(app => app.AppId).ToHashSet(), settings.Only);
        await using var backlogs = BacklogReaders.Create(broker, () => shop.State);
        var today = TimeProvider.System.GetUtcNow().Date;
        var time = new ScaledTimeProvider(TimeProvider.System, settings.Speed, settings.Begin is { } begin ? new DateTimeOffset(today + begin.ToTimeSpan(), TimeSpan.Zero) : null);
        await using var autoscaler = new LocalAutoscaler(shop, backlogs, services, settings.Limits, time, TimeProvider.System, ProcessorMeter.TotalOf);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Scaling {string.Join(", ", autoscaler.Apps.Select(app => app.AppId))} by {Path.GetFileNameWithoutExtension(chart)}, from {settings.Limits.Minimum} to {settings.Limits.Maximum} processes each, at {settings.Speed}× speed. Ctrl-C stops it and restores what was."));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // Also when its terminal is closed.
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            stop.Cancel();
        });
        if (settings.Length is { } length)
        {
            stop.CancelAfter(length / settings.Speed);
        }

        var broken = await RunAsync(autoscaler, stop.Token);
        await RestoreAsync(autoscaler, broken);
        new Timeline(
            autoscaler.Begin, time.GetUtcNow() - autoscaler.Begin, settings.Speed, broker.Type, Path.GetFileName(chart), settings.Limits.Minimum, settings.Limits.Maximum,
            autoscaler.Totals(), autoscaler.Changes, autoscaler.Looks).Write(settings.Output);
        Console.WriteLine($"{autoscaler.Changes.Count} changes; the timeline: {settings.Output}");
        return broken is null ? 0 : throw broken;
    }

    // Answers what ended it, if not the one who started it.
    private static async Task<ToolException?> RunAsync(LocalAutoscaler autoscaler, CancellationToken stop)
    {
        try
        {
            await AutoscaleView.WhileAsync(autoscaler, () => autoscaler.RunAsync(stop), stop);
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (ToolException failure)
        {
            return failure;
        }
    }

    private static async Task RestoreAsync(LocalAutoscaler autoscaler, ToolException? broken)
    {
        if (broken is not null)
        {
            return;
        }

        using var limit = new CancellationTokenSource(RestorePatience);
        try
        {
            await autoscaler.RestoreAsync(limit.Token);
            Console.WriteLine($"Restored: {string.Join(", ", autoscaler.Apps.Select(app => $"{app.AppId}={app.Initial}"))}");
        }
        catch (OperationCanceledException)
        {
            throw new ToolException(
                $"The shop did not get its processes back within {RestorePatience.TotalSeconds} s; do it with make scale SCALE={string.Join(',', autoscaler.Apps.Select(app => $"{app.AppId}={app.Initial}"))}.");
        }
    }

    private static RenderedChart ReadChart(string path)
    {
        try
        {
            return RenderedChart.Read(path);
        }
        catch (Exception wrong) when (wrong is InvalidDataException or IOException or YamlDotNet.Core.YamlException)
        {
            throw new ToolException($"{path} cannot be read as a render of the chart ({wrong.Message}); `make chart` writes the committed ones.", wrong);
        }
    }

    private static List<RenderedService> Services(RenderedChart chart, IReadOnlySet<string> running, IReadOnlyList<string> only)
    {
        var services = chart.Services.Values.Where(service => running.Contains(service.AppId) && service.Autoscaling is not Simulation.FixedReplicas)
            .OrderBy(service => service.AppId, StringComparer.Ordinal).ToList();
        if (only.FirstOrDefault(appId => services.All(service => service.AppId != appId)) is { } unknown)
        {
            throw new ToolException($"\"{unknown}\" is not an app of this shop that the chart scales; there are: {string.Join(", ", services.Select(service => service.AppId))}.");
        }

        return services.Count == 0
            ? throw new ToolException("The chart scales none of the apps of this shop; give another render with --chart.")
            : only.Count == 0 ? services : [.. services.Where(service => only.Contains(service.AppId))];
    }
}
