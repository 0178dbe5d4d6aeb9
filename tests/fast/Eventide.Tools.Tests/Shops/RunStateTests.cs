using Eventide.Contracts;
using Eventide.Tools.Shops;
using YamlDotNet.RepresentationModel;

namespace Eventide.Tools.Tests.Shops;

public sealed class RunStateTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-tools-").FullName;

    [Fact]
    public void There_is_no_state_where_no_shop_runs() => Assert.Null(RunState.TryRead(_folder));

    [Fact]
    public void What_the_runner_wrote_is_read()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.WriteAllText(RunState.FileIn(_folder), """
            {"pid": 7, "startedAt": "2026-03-01T12:00:00Z", "apps": [
              {"appId": "ordering", "pid": 8, "appPort": 10001, "appProtocol": "http", "daprHttpPort": 10002, "daprGrpcPort": 10003, "replica": 0, "log": "x"}]}
            """);

        var state = RunState.TryRead(_folder)!;
        Assert.Equal(7, state.Pid);
        Assert.Equal(new RunningApp("ordering", 8, 10001, "http", 10002, 10003, 0), state.Find("ordering"));
        Assert.Null(state.Find("basket"));
    }

    [Fact]
    public void In_the_monolith_a_service_is_found_at_the_app_that_hosts_it()
    {
        var (monolith, notification) = (new RunningApp("monolith", 8, 1, "http", 2, 3, 0), new RunningApp("notification", 9, 4, "http", 5, 6, 0));
        var state = new RunState(7, [monolith, notification]);

        Assert.Equal((monolith, monolith, notification), (state.Find("ordering"), state.Find("inventory"), state.Find("notification")));
        Assert.Null(state.Find("storefront"));
        Assert.Superset(new HashSet<string> { "ordering", "inventory", "operations", "notification" }, state.Services.ToHashSet());
        Assert.DoesNotContain("monolith", state.Services);
    }

    [Fact]
    public void Both_run_files_have_the_same_components_health_checks_and_variables_and_each_the_apps_of_its_shape()
    {
        YamlMappingNode Read(ShopShape shape)
        {
            using var text = File.OpenText(Repository.RunFileOf(shape));
            var yaml = new YamlStream();
            yaml.Load(text);
            return (YamlMappingNode)yaml.Documents[0].RootNode;
        }

        Assert.Equal($"{Read(ShopShape.Services)["common"]}", $"{Read(ShopShape.Monolith)["common"]}");
        var services = RunState.Planned(Repository.RunFileOf(ShopShape.Services));
        var monolith = RunState.Planned(Repository.RunFileOf(ShopShape.Monolith));
        Assert.Equal(services.Services.Order(), monolith.Services.Order());
        Assert.Equal(services.Apps.Select(app => ShopShape.Monolith.AppOf(app.AppId)).Distinct().Order(), monolith.Apps.Select(app => app.AppId).Order());
    }

    [Fact]
    public void What_it_says_of_starts_metrics_and_component_files_is_read_too()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.WriteAllText(RunState.FileIn(_folder), """
            {"pid": 7, "control": "/x/run.sock", "resources": ["/x/components"], "apps": [
              {"appId": "ordering", "pid": 8, "appProtocol": "http", "metricsPort": 10004, "startedAt": "2026-03-01T12:00:00Z", "readyAt": "2026-03-01T12:00:02Z"}]}
            """);

        var state = RunState.TryRead(_folder)!;
        var app = state.Find("ordering")!;
        Assert.Equal(("/x/run.sock", "/x/components"), (state.Control, Assert.Single(state.Resources)));
        Assert.Equal((10004, TimeSpan.FromSeconds(2)), (app.MetricsPort!.Value, app.ReadyAt!.Value - app.StartedAt!.Value));
    }

    [Fact]
    public void The_run_file_says_which_ports_are_planned()
    {
        var file = Path.Combine(_folder, "dapr.yaml");
        File.WriteAllText(file, """
            version: 1
            apps:
              - appID: inventory
                appPort: 5104
                appProtocol: grpc
                daprHTTPPort: 3604
                daprGRPCPort: 4604
                command: ["dotnet", "x.dll"]
              - appID: caller
                daprHTTPPort: 3605
                daprGRPCPort: 4605
            """);

        Assert.Equal(
            [new RunningApp("inventory", 0, 5104, "grpc", 3604, 4604, 0), new RunningApp("caller", 0, null, "http", 3605, 4605, 0)], RunState.Planned(file).Apps);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
