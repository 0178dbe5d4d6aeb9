using Eventide.Tools.Shops;

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
