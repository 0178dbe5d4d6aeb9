using Eventide.Sidecar.Hosting;
using YamlDotNet.Core;
using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>dapr.yaml, as `dapr run -f` reads it (dapr/cli: pkg/runfileconfig). A field that is not known stops the start.</summary>
public sealed class RunFile
{
    public int Version { get; set; }

    public string? Name { get; set; }

    public RunFileApp Common { get; set; } = new();

    public List<RunFileApp> Apps { get; set; } = [];

    /// <summary>Reads the file. Throws <see cref="SidecarStartException"/> naming line and fault.</summary>
    public static RunFile Load(FileInfo file)
    {
        if (!file.Exists)
        {
            throw new SidecarStartException($"The run file {file.FullName} does not exist; name one with -f.");
        }

        try
        {
            var run = new DeserializerBuilder().WithNamingConvention(NullNamingConvention.Instance)
                .WithNamingConvention(CamelCaseNamingConvention.Instance).Build().Deserialize<RunFile>(File.ReadAllText(file.FullName));
            return run.Apps.Count > 0 ? run : throw new SidecarStartException($"{file.FullName}: \"apps\" is empty.");
        }
        catch (YamlException failure)
        {
            throw new SidecarStartException($"{file.FullName}, line {failure.Start.Line}: {failure.InnerException?.Message ?? failure.Message}", failure);
        }
    }
}

/// <summary>An app, or what is common to all.</summary>
public sealed class RunFileApp
{
    [YamlMember(Alias = "appID", ApplyNamingConventions = false)]
    public string? AppId { get; set; }

    public string? AppDirPath { get; set; }

    public int? AppPort { get; set; }

    public string? AppProtocol { get; set; }

    [YamlMember(Alias = "daprHTTPPort", ApplyNamingConventions = false)]
    public int? DaprHttpPort { get; set; }

    [YamlMember(Alias = "daprGRPCPort", ApplyNamingConventions = false)]
    public int? DaprGrpcPort { get; set; }

    public List<string>? Command { get; set; }

    public List<string>? ResourcesPaths { get; set; }

    public bool? EnableAppHealthCheck { get; set; }

    public string? AppHealthCheckPath { get; set; }

    /// <summary>Seconds.</summary>
    public int? AppHealthProbeInterval { get; set; }

    /// <summary>Milliseconds.</summary>
    public int? AppHealthProbeTimeout { get; set; }

    public int? AppHealthThreshold { get; set; }

    public Dictionary<string, string>? Env { get; set; }

    /// <summary>How the app is spoken to. Throws <see cref="SidecarStartException"/> when the file says something that is none.</summary>
    internal Eventide.Sidecar.AppProtocol Protocol => Enum.TryParse<Eventide.Sidecar.AppProtocol>(AppProtocol ?? "http", ignoreCase: true, out var protocol)
        ? protocol
        : throw new SidecarStartException($"App {AppId}: appProtocol is \"{AppProtocol}\"; allowed is http, https, h2c, grpc or grpcs.");

    /// <summary>This app with what it does not say itself taken from <paramref name="common"/>. Throws <see cref="SidecarStartException"/> when something is missing.</summary>
    public RunFileApp With(RunFileApp common)
    {
        if (AppId is null || AppDirPath is null || Command is not { Count: > 0 })
        {
            throw new SidecarStartException($"App {AppId ?? "(unnamed)"}: appID, appDirPath and command are needed in the run file.");
        }

        return new RunFileApp
        {
            AppId = AppId,
            AppDirPath = AppDirPath,
            AppPort = AppPort,
            AppProtocol = AppProtocol ?? common.AppProtocol,
            DaprHttpPort = DaprHttpPort,
            DaprGrpcPort = DaprGrpcPort,
            Command = Command,
            ResourcesPaths = ResourcesPaths ?? common.ResourcesPaths,
            EnableAppHealthCheck = EnableAppHealthCheck ?? common.EnableAppHealthCheck,
            AppHealthCheckPath = AppHealthCheckPath ?? common.AppHealthCheckPath,
            AppHealthProbeInterval = AppHealthProbeInterval ?? common.AppHealthProbeInterval,
            AppHealthProbeTimeout = AppHealthProbeTimeout ?? common.AppHealthProbeTimeout,
            AppHealthThreshold = AppHealthThreshold ?? common.AppHealthThreshold,
            Env = common.Env is null ? Env : new Dictionary<string, string>((Env ?? []).UnionBy(common.Env, pair => pair.Key)),
        };
    }
}
