using System.Text.Json;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Shops;

/// <summary>One process of an app with its sidecar.</summary>
/// <param name="Pid">0 when not known.</param>
internal sealed record RunningApp(string AppId, int Pid, int? AppPort, string AppProtocol, int DaprHttpPort, int DaprGrpcPort, int Replica);

/// <summary>What runs and where: what the runner says in run.json, or what the run file plans when somebody else, such as the Dapr CLI, runs it.</summary>
internal sealed record RunState(int Pid, IReadOnlyList<RunningApp> Apps)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>The first process of an app; null when the shop runs without it.</summary>
    public RunningApp? Find(string appId) => Apps.FirstOrDefault(app => app.AppId == appId);

    /// <summary>One of the processes of an app, the next one with the next turn; null when the shop runs without it.</summary>
    public RunningApp? Find(string appId, uint turn)
    {
        var processes = Apps.Count(app => app.AppId == appId);
        return processes < 2 ? Find(appId) : Apps.Where(app => app.AppId == appId).ElementAt((int)(turn % (uint)processes));
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
