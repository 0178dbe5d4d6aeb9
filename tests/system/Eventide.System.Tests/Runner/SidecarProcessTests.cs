using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Runner;

/// <summary>`run --sidecar`: a daprd per app. Our own executable stands in for it; it takes the same flags, and refuses those that daprd does not know.</summary>
public sealed class SidecarProcessTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_app_gets_a_daprd_the_control_plane_comes_first_and_all_of_it_ends()
    {
        await using var runner = new RunnerFixture().App("one").App("two");
        await File.WriteAllTextAsync(Path.Combine(runner.Components, "pubsub.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.in-memory
              version: v1
            """, Cancel);
        var pids = Path.Combine(runner.Folder, "pids");
        Script(runner, "daprd", $"echo $$ >> {pids}; exec dotnet {Repository.Cli} \"$@\"");

        // Answers on its health port, as placement does; the arguments are --port P --healthz-port H …
        Script(runner, "placement", $"echo $$ >> {pids}; APP_PORT=$4 exec dotnet {Repository.TestApp}");

        await runner.OpenAsync("--sidecar", Path.Combine(runner.Folder, "bin"));

        var apps = runner.Apps();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{apps[0].DaprHttpPort}") };
        Assert.Equal($"two {apps[1].Pid}", await http.GetStringAsync("/v1.0/invoke/two/method/whoami", Cancel));
        var started = (await File.ReadAllLinesAsync(pids, Cancel)).Select(int.Parse).ToList();
        Assert.Equal(3, started.Count);
        Assert.All(started, pid => Assert.True(Processes.IsRunning(pid)));
        Assert.Contains("--placement-host-address", await File.ReadAllTextAsync(Path.Combine(runner.Folder, "data", "logs", "one.sidecar.log"), Cancel));

        Assert.Equal(0, await runner.StopAsync());
        Assert.All(started.Concat(apps.Select(app => app.Pid)), pid => Assert.False(Processes.IsRunning(pid)));
    }

    [Fact]
    public async Task Components_that_only_the_embedded_sidecar_can_share_are_refused()
    {
        await using var runner = new RunnerFixture().App("one");
        Script(runner, "daprd", "exit 9");
        runner.Start("--free-ports", "--sidecar", Path.Combine(runner.Folder, "bin", "daprd"));

        Assert.Equal(1, await runner.ExitAsync());
        Assert.Contains(
            $"error: {runner.Components} is for the embedded sidecar alone: its broker, pubsub.sqlite, lives in one process; choose other components for daprd",
            runner.Output);
    }

    [Fact]
    public async Task A_path_without_a_daprd_is_named()
    {
        await using var runner = new RunnerFixture().App("one");
        runner.Start("--free-ports", "--sidecar", "/nowhere/daprd");

        Assert.Equal(1, await runner.ExitAsync());
        Assert.Contains("error: There is no daprd at /nowhere/daprd; --sidecar (make run SIDECAR=PATH) names the file daprd or its folder.", runner.Output);
    }

    private static void Script(RunnerFixture runner, string name, string body)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(runner.Folder, "bin")).FullName, name);
        File.WriteAllText(file, $"#!/bin/sh\n{body}\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
