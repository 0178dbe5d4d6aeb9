using Eventide.ChildProcesses;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>Decides which processes a run file becomes, and on which ports. Not thread-safe.</summary>
/// <param name="logs">The folder of the log files.</param>
internal sealed class AppPlanner(RunFile run, RunSettings settings, FreePorts ports, string logs)
{
    /// <summary>Plans every process, in the order of the run file.</summary>
    /// <param name="tell">Gets a sentence for each app that cannot run on this machine and need not.</param>
    /// <exception cref="SidecarStartException">Something is missing or taken; the message names app and field.</exception>
    public IReadOnlyList<AppPlan> Plan(Action<string> tell)
    {
        RefuseUnknownScale();
        var plans = new List<AppPlan>();
        foreach (var app in run.Apps)
        {
            if (app.Command[0] == "node" && ProcessGroup.Find("node") is null)
            {
                tell($"{app.AppId} is left out: it needs Node.js, and there is no \"node\" on the PATH.");
                continue;
            }

            plans.AddRange(Enumerable.Range(0, settings.Scale.GetValueOrDefault(app.AppId!, 1)).Select(replica => Plan(app, replica)));
        }

        plans.ForEach(RefuseTakenPorts);
        return plans;
    }

    /// <summary>Plans one process of an app; every one but the first is on free ports.</summary>
    public AppPlan Plan(RunFileApp app, int replica)
    {
        int Port(int? wanted) => wanted is { } port && replica == 0 && !settings.FreePorts ? port : ports.Take();

        var plan = new AppPlan(
            app, replica, app.AppPort is null ? null : Port(app.AppPort), Port(app.HttpPort), Port(app.GrpcPort),
            Port(app.MetricsPort),
            settings.Sidecar is null ? null : Port(app.InternalPort),
            settings.Resources is { Count: > 0 } folders ? [.. folders.Select(folder => folder.FullName)] : app.ResourcesPaths,
            settings.Config is { } config ? config.FullName : app.ConfigPath);
        return plan with { Log = Path.Combine(logs, $"{plan.Name}.log"), SidecarLog = Path.Combine(logs, $"{plan.Name}.sidecar.log") };
    }

    /// <summary>The place of an app in the run file.</summary>
    public int OrderOf(RunFileApp app) => run.Apps.Index().First(entry => entry.Item == app).Index;

    private static void RefuseTakenPorts(AppPlan plan)
    {
        foreach (var (port, field) in new[]
                 {
                     (plan.AppPort, "appPort"), (plan.HttpPort, "daprHTTPPort"), (plan.GrpcPort, "daprGRPCPort"), (plan.MetricsPort, "metricsPort"),
                     (plan.InternalPort, "daprInternalGRPCPort"),
                 })
        {
            if (port is { } number && !FreePorts.IsFree(number))
            {
                throw new SidecarStartException(
                    $"{plan.Name} needs port {number} ({field}), but something listens there already; stop it, change the port in the run file, or use --free-ports.");
            }
        }
    }

    private void RefuseUnknownScale()
    {
        foreach (var appId in settings.Scale.Keys.Where(appId => run.Apps.All(app => app.AppId != appId)))
        {
            throw new SidecarStartException(
                $"--scale names the app \"{appId}\", which is not in {settings.RunFile.Name}; there are: {string.Join(", ", run.Apps.Select(app => app.AppId))}.");
        }
    }
}
