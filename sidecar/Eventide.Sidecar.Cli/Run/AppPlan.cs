using System.Globalization;
using Eventide.Sidecar.Cli.Processes;
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

    /// <summary>As dapr.yaml spells it.</summary>
    public string ProtocolName => Protocol.ToString().ToLowerInvariant();

    /// <summary>The path that is probed.</summary>
    public string HealthPath => App.AppHealthCheckPath ?? "/healthz";

    /// <summary>Plans every process of the run file, in its order.</summary>
    /// <param name="skipped">Gets a sentence for each app that cannot run on this machine and need not.</param>
    /// <exception cref="SidecarStartException">The file lacks something; the message names app and field.</exception>
    public static IReadOnlyList<AppPlan> Of(RunFile run, RunSettings settings, string logs, Action<string> skipped)
    {
        var root = settings.RunFile.Directory!.FullName;
        var ports = new FreePorts();
        int Port(int? wanted, int replica) => wanted is { } port && replica == 0 && !settings.FreePorts ? port : ports.Take();

        RefuseUnknownScale(run, settings);
        var plans = new List<AppPlan>();
        foreach (var app in run.Apps.Select(app => app.With(run.Common)))
        {
            if (app.Command![0] == "node" && ProcessGroup.Find("node") is null)
            {
                skipped($"{app.AppId} is left out: it needs Node.js, and there is no \"node\" on the PATH.");
                continue;
            }

            IReadOnlyList<string> resources = settings.Resources is { } folder
                ? [folder.FullName]
                : [.. (app.ResourcesPaths ?? []).Select(path => Path.GetFullPath(path, root))];
            for (var replica = 0; replica < settings.Scale.GetValueOrDefault(app.AppId!, 1); replica++)
            {
                var plan = new AppPlan(
                    app, replica, Path.GetFullPath(app.AppDirPath!, root), app.Protocol,
                    app.AppPort is null ? null : Port(app.AppPort, replica), Port(app.DaprHttpPort, replica), Port(app.DaprGrpcPort, replica), resources, "");
                plans.Add(plan with { Log = Path.Combine(logs, $"{plan.Name}.log") });
            }
        }

        return plans;
    }

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
        AppHealthCheckPath = HealthPath,
        AppHealthProbeInterval = TimeSpan.FromSeconds(App.AppHealthProbeInterval ?? 5),
        AppHealthProbeTimeout = TimeSpan.FromMilliseconds(App.AppHealthProbeTimeout ?? 500),
        AppHealthThreshold = App.AppHealthThreshold ?? 3,
    };

    /// <summary>How the app itself is started.</summary>
    public ProcessPlan Process()
    {
        var variables = new Dictionary<string, string>
        {
            ["APP_ID"] = AppId,
            ["APP_PORT"] = Text(AppPort),
            ["APP_PROTOCOL"] = ProtocolName,
            ["DAPR_HTTP_PORT"] = Text(HttpPort),
            ["DAPR_GRPC_PORT"] = Text(GrpcPort),
            ["OTEL_SERVICE_NAME"] = AppId,

            // A dozen services share one machine here: a small heap matters more than the last bit of throughput.
            ["DOTNET_gcServer"] = "0",
            ["DOTNET_TieredPGO"] = "0",

            // Merged logs are read line by line.
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
        };
        foreach (var (name, value) in App.Env ?? [])
        {
            variables[name] = value;
        }

        return new ProcessPlan(Name, App.Command!, Folder, variables, Log);
    }

    private static string Text(int? port) => port?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static void RefuseUnknownScale(RunFile run, RunSettings settings)
    {
        foreach (var appId in settings.Scale.Keys.Where(appId => run.Apps.TrueForAll(app => app.AppId != appId)))
        {
            throw new SidecarStartException(
                $"--scale names the app \"{appId}\", which is not in {settings.RunFile.Name}; there are: {string.Join(", ", run.Apps.Select(app => app.AppId))}.");
        }
    }
}
