using Eventide.Sidecar.Cli.Daprd;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>
/// dapr.yaml, as `dapr run -f` reads it (dapr/cli: pkg/runfileconfig). A field that it does not know stops the start with its line and the nearest name; one
/// that is Dapr's and has no effect here is told.
/// </summary>
/// <param name="Ineffective">A sentence for each field without effect.</param>
internal sealed record RunFile(IReadOnlyList<RunFileApp> Apps, IReadOnlyList<string> Ineffective)
{
    // What these set is the business of real Dapr's own command.
    private static readonly string[] OfTheDaprCli =
    [
        "apiListenAddresses", "appLogDestination", "containerImage", "containerImagePullPolicy", "createService", "daprdLogDestination", "enableApiLogging",
        "enableProfiling", "logLevel", "placementHostAddress", "profilePort", "readBufferSize", "runtimePath", "schedulerHostAddress", "unixDomainSocket",
    ];

    /// <summary>Reads the file. Throws <see cref="SidecarStartException"/> naming line and fault.</summary>
    public static RunFile Load(FileInfo file)
    {
        if (!file.Exists)
        {
            throw new SidecarStartException($"The run file {file.FullName} does not exist; name one with -f.");
        }

        var reader = ResourceLoader.Documents(file.FullName).FirstOrDefault() ?? throw new SidecarStartException($"{file.FullName} is empty.");
        if (reader.Required("version") is var version and not "1")
        {
            throw new SidecarStartException($"{reader.Where}: version is \"{version}\"; allowed is 1.");
        }

        reader.Text("name");
        var ineffective = new List<string>();
        var root = file.Directory!.FullName;
        var common = reader.Map("common") is { } map ? Read(map, root, null, ineffective) : new RunFileApp();
        var apps = reader.Maps("apps").Select(app => Read(app, root, common, ineffective)).ToList();
        reader.RefuseUnknown();
        foreach (var app in apps.GroupBy(app => app.AppId).Where(group => group.Count() > 1))
        {
            throw new SidecarStartException($"{file.FullName}: the app id \"{app.Key}\" is there twice; for several processes of an app use --scale {app.Key}=2.");
        }

        return apps.Count > 0 ? new RunFile(apps, ineffective) : throw new SidecarStartException($"{file.FullName}: \"apps\" is empty.");
    }

    private static RunFileApp Read(YamlReader reader, string root, RunFileApp? shared, List<string> ineffective)
    {
        var common = shared ?? new RunFileApp();
        int? Port(string field) => reader.Number(field, 0) is > 0 and <= 65535 and var port ? port : null;
        int? Count(string field, int? otherwise) => reader.Number(field, 0) is > 0 and var count ? count : otherwise;
        string? Text(string field, string? otherwise) => reader.Text(field) is { Length: > 0 } text ? text : otherwise;
        string? AbsolutePath(string field) => reader.Text(field) is { Length: > 0 } path ? Path.GetFullPath(path, root) : null;

        var folder = AbsolutePath("appDirPath") ?? "";
        var app = common with
        {
            AppId = Text("appID", folder.Length > 0 ? Path.GetFileName(folder) : ""),
            Folder = folder,
            Command = reader.Texts("command"),
            AppPort = Port("appPort"),
            HttpPort = Port("daprHTTPPort"),
            GrpcPort = Port("daprGRPCPort"),
            InternalPort = Port("daprInternalGRPCPort"),
            MetricsPort = Port("metricsPort"),
            Protocol = Protocol(reader, common.Protocol),
            ChannelAddress = Text("appChannelAddress", common.ChannelAddress),
            MaxConcurrency = Count("appMaxConcurrency", common.MaxConcurrency),
            MaxBodySize = Size(reader) ?? common.MaxBodySize,
            ResourcesPaths = reader.Texts("resourcesPaths") is { Count: > 0 } paths ? [.. paths.Select(path => Path.GetFullPath(path, root))]
                : AbsolutePath("resourcesPath") is { } single ? [single] : common.ResourcesPaths,
            ConfigPath = AbsolutePath("configFilePath") ?? common.ConfigPath,
            HealthCheck = reader.Flag("enableAppHealthCheck", common.HealthCheck),
            HealthPath = Text("appHealthCheckPath", common.HealthPath),
            HealthIntervalSeconds = Count("appHealthProbeInterval", common.HealthIntervalSeconds),
            HealthTimeoutMs = Count("appHealthProbeTimeout", common.HealthTimeoutMs),
            HealthThreshold = Count("appHealthThreshold", common.HealthThreshold),
            Environment = reader.TextMap("env").UnionBy(common.Environment, pair => pair.Key).ToDictionary(),
        };
        if (shared is not null && (app.Folder.Length == 0 || app.Command.Count == 0))
        {
            throw new SidecarStartException($"{reader.Where}: app {app.AppId}: appDirPath and command are needed.");
        }

        ineffective.AddRange(OfTheDaprCli.Where(reader.Has).Select(field => $"{reader.Where}: {field} has no effect here."));
        reader.RefuseUnknown();
        return app;
    }

    private static string? Size(YamlReader reader)
    {
        if (reader.Text("maxBodySize") is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            _ = new FlagValue("max-body-size", text).Quantity();
            return text;
        }
        catch (FlagException)
        {
            throw new SidecarStartException($"{reader.Where}: maxBodySize is \"{text}\"; allowed is a number of bytes such as 4Mi.");
        }
    }

    private static AppProtocol Protocol(YamlReader reader, AppProtocol common)
    {
        var protocol = reader.Text("appProtocol") is { Length: > 0 } text
            ? Enum.TryParse<AppProtocol>(text, ignoreCase: true, out var known) ? known
                : throw new SidecarStartException($"{reader.Where}: appProtocol is \"{text}\"; allowed is http, https, h2c, grpc or grpcs.")
            : common;
        return (reader.Flag("appSSL", false), protocol) switch
        {
            (true, AppProtocol.Http) => AppProtocol.Https,
            (true, AppProtocol.Grpc) => AppProtocol.Grpcs,
            _ => protocol,
        };
    }
}

/// <summary>An app of the run file, with what is common to all already in it. Paths are absolute. Null means not said.</summary>
internal sealed record RunFileApp
{
    public string? AppId { get; init; }

    public string Folder { get; init; } = "";

    public IReadOnlyList<string> Command { get; init; } = [];

    public int? AppPort { get; init; }

    public int? HttpPort { get; init; }

    public int? GrpcPort { get; init; }

    public int? InternalPort { get; init; }

    public int? MetricsPort { get; init; }

    public AppProtocol Protocol { get; init; }

    public string? ChannelAddress { get; init; }

    public int? MaxConcurrency { get; init; }

    public string? MaxBodySize { get; init; }

    public IReadOnlyList<string> ResourcesPaths { get; init; } = [];

    public string? ConfigPath { get; init; }

    public bool HealthCheck { get; init; }

    public string? HealthPath { get; init; }

    public int? HealthIntervalSeconds { get; init; }

    public int? HealthTimeoutMs { get; init; }

    public int? HealthThreshold { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
