using System.Text.RegularExpressions;
using Eventide.Tools.Shops;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Tests.Aspire;

/// <summary>The shop under Aspire is that of dapr.yaml. Its packages are not in every feed, so it is read here as text, and compiled where they are.</summary>
public sealed partial class AppHostTests
{
    private static readonly string AppHost = File.ReadAllText(Path.Combine(Repository.Root, "aspire", "apphost.cs"));
    private static readonly YamlMappingNode RunFile = Read();

    [Fact]
    public void It_has_the_apps_and_ports_of_the_run_file()
    {
        var apps = Service().Matches(AppHost).Select(match => (
            Id: match.Groups["id"].Value, App: match.Groups["app"].Value, Http: match.Groups["http"].Value, Grpc: match.Groups["grpc"].Value,
            Protocol: match.Groups["protocol"] is { Success: true, Value: var protocol } ? protocol : "http"));
        Assert.Equal(
            ((YamlSequenceNode)RunFile["apps"]).Cast<YamlMappingNode>().Select(app => (
                Id: $"{app["appID"]}", App: $"{app["appPort"]}", Http: $"{app["daprHTTPPort"]}", Grpc: $"{app["daprGRPCPort"]}",
                Protocol: app.Children.TryGetValue("appProtocol", out var protocol) ? $"{protocol}" : "http")),
            apps);
    }

    [Fact]
    public void Each_app_is_started_from_the_folder_that_the_run_file_names()
    {
        foreach (var app in ((YamlSequenceNode)RunFile["apps"]).Cast<YamlMappingNode>())
        {
            var folder = $"{app["appDirPath"]}"[2..];
            var command = ((YamlSequenceNode)app["command"]).Select(part => $"{part}").ToList();
            var name = Path.GetFileNameWithoutExtension(command[1]);
            Assert.Contains(
                command[0] == "node"
                    ? $"AddExecutable(\"{app["appID"]}\", \"node\", \"{folder}\", \"{command[1]}\")"
                    : $"AddProject<Projects.{name.Replace('.', '_')}>(\"{app["appID"]}\")",
                AppHost);
            if (command[0] == "dotnet")
            {
                Assert.Contains($"#:project ../{folder}/{name}.csproj", AppHost);
            }
        }
    }

    [Fact]
    public void It_has_the_component_folders_health_checks_and_variables_of_the_run_file()
    {
        var common = RunFile["common"];
        Assert.Contains($"string[] resources = [{string.Join(", ", ((YamlSequenceNode)common["resourcesPaths"]).Select(path => $"\"{$"{path}"[2..]}\""))}];", AppHost);
        Assert.Contains($"AppHealthCheckPath = \"{common["appHealthCheckPath"]}\"", AppHost);
        Assert.Contains($"AppHealthProbeInterval = {common["appHealthProbeInterval"]},", AppHost);
        Assert.Contains($"AppHealthThreshold = {common["appHealthThreshold"]},", AppHost);
        foreach (var (name, value) in ((YamlMappingNode)common["env"]).Children)
        {
            Assert.Contains($".WithEnvironment(\"{name}\", \"{value}\")", AppHost);
        }
    }

    private static YamlMappingNode Read()
    {
        using var text = File.OpenText(Repository.RunFile);
        var yaml = new YamlStream();
        yaml.Load(text);
        return (YamlMappingNode)yaml.Documents[0].RootNode;
    }

    [GeneratedRegex("""^Service\(builder\.Add\w+(<[\w.]+>)?\("(?<id>\w+)".*?\), app: (?<app>\d+), http: (?<http>\d+), grpc: (?<grpc>\d+)(, protocol: "(?<protocol>\w+)")?\);""", RegexOptions.Multiline)]
    private static partial Regex Service();
}
