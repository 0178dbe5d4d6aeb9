using System.Text.Json;
using Eventide.Contracts;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Shops;

/// <summary>One process of an app with its sidecar.</summary>
/// <param name="Pid">0 when not known.</param>
internal sealed record RunningApp(string AppId, int Pid, int? AppPort, string AppProtocol, int DaprHttpPort, int DaprGrpcPort, int Replica)
{
    /// <summary>Where its sidecar answers Prometheus; null when not known.</summary>
    public int? MetricsPort { get; init; }

    /// <summary>When it was begun to be started; null when not known.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it was healthy and its subscriptions were in place; null when not known.</summary>
    public DateTimeOffset? ReadyAt { get; init; }
}

/// <summary>What runs and where: what the runner says in run.json, or what the run file plans when somebody else, such as the Dapr CLI, runs it.</summary>
internal sealed record RunState(int Pid, IReadOnlyList<RunningApp> Apps)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The socket at which the run takes requests; null when somebody else than the runner runs the shop.</summary>
    public string? Control { get; init; }

    /// <summary>The folders of the component files; empty when not known.</summary>
    public IReadOnlyList<string> Resources { get; init; } = [];

    /// <summary>How the shop is cut into apps.</summary>
    public ShopShape Shape => Apps.Any(app => app.AppId == ShopShape.MonolithId) ? ShopShape.Monolith : ShopShape.Services;

    /// <summary>The services that run, as apps of their own or as modules of one.</summary>
    public IReadOnlySet<string> Services => Apps.Select(app => app.AppId).Where(app => app != ShopShape.MonolithId).Concat(Shape.HostedTogether).ToHashSet(StringComparer.Ordinal);

    /// <summary>The first process of the app that runs a service; null when the shop runs without it.</summary>
    public RunningApp? Find(string service) => Apps.FirstOrDefault(app => app.AppId == Shape.AppOf(service));

    /// <summary>One of the processes of the app that runs a service, the next one with the next turn; null when the shop runs without it.</summary>
    public RunningApp? Find(string service, uint turn)
    {
        var appId = Shape.AppOf(service);
        var processes = Apps.Count(app => app.AppId == appId);
        return processes < 2 ? Find(service) : Apps.Where(app => app.AppId == appId).ElementAt((int)(turn % (uint)processes));
    }

    /// <summary>The runner's run.json below <paramref name="data"/>; null when no shop is open there.</summary>
    public static RunState? TryRead(string data)
    {
        try
        {
            return JsonSerializer.Deserialize<RunState>(File.ReadAllBytes(FileIn(data)), Json);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>The ports that the run file gives to each app.</summary>
    public static RunState Planned(string runFile)
    {
        var yaml = new YamlStream();
        using (var text = File.OpenText(runFile))
        {
            yaml.Load(text);
        }

        var apps = (YamlSequenceNode)yaml.Documents[0].RootNode["apps"];
        return new RunState(0, [.. apps.Children.Cast<YamlMappingNode>().Select(Planned)]);
    }

    public static string FileIn(string data) => Path.Combine(data, "data", "run.json");

    private static RunningApp Planned(YamlMappingNode app)
    {
        string? Text(string field) => app.Children.TryGetValue(field, out var value) ? ((YamlScalarNode)value).Value : null;
        int? Number(string field) => int.TryParse(Text(field), out var number) ? number : null;
        return new RunningApp(
            Text("appID") ?? "", 0, Number("appPort"), Text("appProtocol") ?? "http", Number("daprHTTPPort") ?? 0, Number("daprGRPCPort") ?? 0, 0);
    }
}
