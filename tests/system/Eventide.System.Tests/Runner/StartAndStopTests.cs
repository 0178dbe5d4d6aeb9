using System.Net;
using System.Net.Http.Json;
using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Runner;

/// <summary>`run` with real processes: start, stop, and every way in which either goes wrong.</summary>
public sealed class StartAndStopTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Processes.Terminate)]
    [InlineData(Processes.Interrupt)]
    public async Task A_stop_leaves_no_process_and_no_run_file_and_exits_with_0(int signal)
    {
        await using var runner = new RunnerFixture().App("one").App("two");
        await runner.OpenAsync();
        var pids = runner.Apps().Select(app => app.Pid).ToList();
        Assert.Equal(2, pids.Distinct().Count());
        Assert.All(pids, pid => Assert.True(Processes.IsRunning(pid)));

        Processes.Signal(runner.Pid, signal);

        Assert.Equal(0, await runner.ExitAsync());
        Assert.All(pids, pid => Assert.False(Processes.IsRunning(pid)));
        Assert.False(runner.IsOpen);
    }

    [Fact]
    public async Task An_app_that_needs_some_seconds_to_stop_gets_them()
    {
        await using var runner = new RunnerFixture().App("slow", variables: ("TEST_SLOW_STOP", "3"));
        await runner.OpenAsync();
        var pid = runner.Apps().Single().Pid;

        Assert.Equal(0, await runner.StopAsync());

        Assert.False(Processes.IsRunning(pid));
        Assert.False(runner.IsOpen);
    }

    [Fact]
    public async Task A_stop_while_an_app_is_still_starting_leaves_no_process()
    {
        var pidFile = Path.GetTempFileName();
        await using var runner = new RunnerFixture().App("slow", command: $"[sh, -c, 'echo $$ > {pidFile}; exec sleep 600']");
        runner.Start("--free-ports");
        await Processes.UntilAsync("the app's process", () => new FileInfo(pidFile).Length > 0 && runner.Output.Contains("waiting for health", StringComparison.Ordinal));
        var pid = int.Parse(await File.ReadAllTextAsync(pidFile, Cancel));

        Processes.Signal(runner.Pid, Processes.Interrupt);

        Assert.Equal(0, await runner.ExitAsync());
        Assert.False(Processes.IsRunning(pid));
        Assert.False(runner.IsOpen);
        File.Delete(pidFile);
    }

    [Fact]
    public async Task Each_app_hears_of_its_ports_and_is_reached_through_its_sidecar()
    {
        await using var runner = new RunnerFixture().App("one", variables: ("TEST_TOPIC", "news"));
        await runner.OpenAsync();
        var app = runner.Apps().Single();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{app.DaprHttpPort}") };

        Assert.Equal($"one {app.Pid}", await http.GetStringAsync("/v1.0/invoke/one/method/whoami", Cancel));

        using var published = await http.PostAsJsonAsync("/v1.0/publish/pubsub/news", 7, Cancel);
        published.EnsureSuccessStatusCode();
        await Processes.UntilAsync("the event", async () => (await http.GetFromJsonAsync<string[]>("/v1.0/invoke/one/method/received", Cancel))!.Any(e => e.Contains("\"data\":7", StringComparison.Ordinal)));
        Assert.Contains("the test app starts", await File.ReadAllTextAsync(app.Log, Cancel));
    }

    [Fact]
    public async Task App_and_sidecar_know_the_same_tokens()
    {
        await using var runner = new RunnerFixture().App("one", variables: [("APP_API_TOKEN", "for the app"), ("DAPR_API_TOKEN", "for the sidecar")]);
        await runner.OpenAsync();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{runner.Apps().Single().DaprHttpPort}") };
        using var refused = await http.GetAsync("/v1.0/invoke/one/method/token", Cancel);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);

        http.DefaultRequestHeaders.Add("dapr-api-token", "for the sidecar");
        Assert.Equal("for the app", await http.GetStringAsync("/v1.0/invoke/one/method/token", Cancel));
    }

    [Fact]
    public async Task An_app_that_ends_while_starting_ends_the_run_with_its_code_its_last_lines_and_its_log()
    {
        await using var runner = new RunnerFixture().App("good").App("bad", variables: ("TEST_EXIT", "3"));
        runner.Start("--free-ports");

        Assert.Equal(1, await runner.ExitAsync());
        var log = Path.Combine(runner.Folder, "data", "logs", "bad.log");
        Assert.Contains($"error: bad ended with code 3 while starting; all of its output is in {log}.", runner.Output);
        Assert.Contains("    the setting COLOR is missing", runner.Output);
        Assert.False(runner.IsOpen);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_is_named()
    {
        await using var runner = new RunnerFixture().App("bad", command: "[no-such-program]");
        runner.Start("--free-ports");

        Assert.Equal(1, await runner.ExitAsync());
        Assert.Contains("error: bad: the command \"no-such-program\" was not found on the PATH", runner.Output);
    }

    [Fact]
    public async Task A_taken_port_is_named_with_its_app_and_the_remedy()
    {
        using var taken = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        taken.Start();
        var port = ((System.Net.IPEndPoint)taken.LocalEndpoint).Port;
        await using var runner = new RunnerFixture().App("one", appPort: port);
        runner.Start();

        Assert.Equal(1, await runner.ExitAsync());
        Assert.Contains(
            $"error: one needs port {port} (appPort), but something listens there already; stop it, change the port in the run file, or use --free-ports.",
            runner.Output);
    }

    [Fact]
    public async Task A_wrong_component_file_stops_the_start_with_file_and_field()
    {
        await using var runner = new RunnerFixture().App("one");
        var file = Path.Combine(runner.Components, "pubsub.yaml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Cancel)).Replace("connectionString", "conectionString", StringComparison.Ordinal), Cancel);
        runner.Start("--free-ports");

        Assert.Equal(1, await runner.ExitAsync());
        Assert.Contains(file, runner.Output);
        Assert.Contains("connectionString", runner.Output);
        Assert.DoesNotContain("   at ", runner.Output);
    }

    [Fact]
    public async Task A_second_runner_on_the_same_data_folder_is_refused_and_the_first_goes_on()
    {
        await using var runner = new RunnerFixture().App("one");
        await runner.OpenAsync();
        await using var second = new RunnerFixture { Data = runner.Folder }.App("one");
        second.Start("--free-ports");

        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains($"error: Another run already uses the data folder {Path.Combine(runner.Folder, "data")}; stop it", second.Output);
        Assert.True(runner.IsOpen);
        Assert.True(Processes.IsRunning(runner.Apps().Single().Pid));
        Assert.Equal(0, await runner.StopAsync());
    }

    [Fact]
    public async Task An_app_for_Node_is_left_out_with_one_line_where_there_is_no_Node()
    {
        // A PATH that has everything but node.
        await using var runner = new RunnerFixture().App("one").App("script", command: "[node, main.mjs]");
        var bin = Directory.CreateDirectory(Path.Combine(runner.Folder, "bin")).FullName;
        foreach (var tool in new[] { "dotnet", "sh", "sleep", "setsid", "perl" })
        {
            if (Find(tool) is { } path)
            {
                File.CreateSymbolicLink(Path.Combine(bin, tool), path);
            }
        }

        await runner.Variable("PATH", bin).OpenAsync();

        Assert.Contains("script is left out: it needs Node.js, and there is no \"node\" on the PATH.", runner.Output);
        Assert.Equal("one", runner.Apps().Single().AppId);
        Assert.Equal(0, await runner.StopAsync());
    }

    private static string? Find(string tool) => Environment.GetEnvironmentVariable("PATH")!.Split(':')
        .Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
