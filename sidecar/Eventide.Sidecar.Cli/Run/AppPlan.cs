using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>One process to start with its sidecar: an app of the run file, every port and path decided. Immutable.</summary>
internal sealed record AppPlan(
    RunFileApp App, int Replica, string Folder, AppProtocol Protocol, int? AppPort, int HttpPort, int GrpcPort, IReadOnlyList<string> ResourcesPaths, string Log)
{
    /// <summary>The app id; replicas share it.</summary>
    public string AppId => App.AppId!;

    /// <summary>What to call this process: the app id, with the number of the replica behind the first one.</summary>
    public string Name => Replica == 0 ? AppId : $"{AppId}-{Replica}";

    /// <summary>Plans every process of the run file, in its order.</summary>
    /// <exception cref="SidecarStartException">The file lacks something; the message names app and field.</exception>
    public static IReadOnlyList<AppPlan> Of(RunFile run, RunSettings settings, string logs)
    {
        var root = settings.RunFile.Directory!.FullName;
        var ports = new FreePorts();
        int Port(int? wanted) => wanted is { } port && !settings.FreePorts ? port : ports.Take();

        var plans = new List<AppPlan>();
        foreach (var app in run.Apps.Select(app => app.With(run.Common)))
        {
            IReadOnlyList<string> resources = settings.Resources is { } folder
                ? [folder.FullName]
                : [.. (app.ResourcesPaths ?? []).Select(path => Path.GetFullPath(path, root))];
            plans.Add(new AppPlan(
                app, 0, Path.GetFullPath(app.AppDirPath!, root), Enum.Parse<AppProtocol>(app.AppProtocol ?? "http", ignoreCase: true),
                app.AppPort is null ? null : Port(app.AppPort), Port(app.DaprHttpPort), Port(app.DaprGrpcPort), resources,
                Path.Combine(logs, $"{app.AppId}.log")));
        }

        return plans;
    }

    /// <summary>Whether it is written for Node.js and this machine has none: the shop runs without it then.</summary>
    public bool LacksNode => App.Command![0] == "node" && !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "node")));

    /// <summary>Stops the start when something listens on a port of the plan.</summary>
    public void RefuseTakenPorts()
    {
        foreach (var (port, field) in new[] { (AppPort, "appPort"), (HttpPort, "daprHTTPPort"), (GrpcPort, "daprGRPCPort") })
        {
            if (port is { } number && !FreePorts.IsFree(number))
            {
                throw new SidecarStartException(
                    $"{Name} needs port {number} ({field}), but something listens there already; stop it, change the port in the run file, or use --free-ports.");
            }
        }
    }

    /// <summary>What its sidecar is started with.</summary>
    public SidecarOptions Sidecar(RunSettings settings) => new()
    {
        AppId = AppId,
        AppPort = AppPort,
        AppProtocol = Protocol,
        HttpPort = HttpPort,
        GrpcPort = GrpcPort,
        WorkingDirectory = settings.Data.FullName,
        ResourcesPaths = ResourcesPaths,
        AppHealthCheck = App.EnableAppHealthCheck ?? false,
        AppHealthCheckPath = App.AppHealthCheckPath ?? "/healthz",
        AppHealthProbeInterval = TimeSpan.FromSeconds(App.AppHealthProbeInterval ?? 5),
        AppHealthProbeTimeout = TimeSpan.FromMilliseconds(App.AppHealthProbeTimeout ?? 500),
        AppHealthThreshold = App.AppHealthThreshold ?? 3,
    };
}
