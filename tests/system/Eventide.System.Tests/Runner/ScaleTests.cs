using System.Net.Http.Json;
using System.Text.Json;
using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Runner;

/// <summary>`scale`, and `run --duplicates`.</summary>
public sealed class ScaleTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task More_processes_take_turns_and_fewer_leave_the_first_one_at_its_ports()
    {
        await using var runner = new RunnerFixture().App("one").App("two");
        await runner.OpenAsync();
        var before = runner.Apps();

        Assert.Equal((0, "one has 3 processes."), await ScaleAsync(runner, "one=3"));

        var replicas = runner.Apps().Where(app => app.AppId == "one").ToList();
        Assert.Equal([0, 1, 2], replicas.Select(app => app.Replica));
        Assert.Equal(before[0], replicas[0]);
        Assert.Equal(before[1], runner.Apps()[^1]);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{before[1].DaprHttpPort}") };
        var answers = new HashSet<string>();
        for (var i = 0; i < 3; i++)
        {
            answers.Add(await http.GetStringAsync("/v1.0/invoke/one/method/whoami", Cancel));
        }

        Assert.Equal(replicas.Select(app => $"one {app.Pid}").Order(), answers.Order());

        Assert.Equal((0, "one has 1 process."), await ScaleAsync(runner, "one=1"));

        Assert.Equal(before, runner.Apps());
        Assert.All(replicas.Skip(1), app => Assert.False(Processes.IsRunning(app.Pid)));
        Assert.Equal(0, await runner.StopAsync());
        Assert.All(before, app => Assert.False(Processes.IsRunning(app.Pid)));
    }

    [Fact]
    public async Task Of_each_process_run_json_tells_when_it_was_started_and_ready_and_where_its_sidecar_answers_Prometheus()
    {
        await using var runner = new RunnerFixture().App("one").App("two");
        await runner.OpenAsync();
        Assert.Equal((0, "one has 2 processes."), await ScaleAsync(runner, "one=2"));

        using var state = JsonDocument.Parse(await File.ReadAllBytesAsync(runner.RunStateFile, Cancel));
        var apps = state.RootElement.GetProperty("apps").EnumerateArray().ToList();
        DateTimeOffset Time(JsonElement app, string name) => app.GetProperty(name).GetDateTimeOffset();
        Assert.Equal(3, apps.Count);
        Assert.All(apps, app => Assert.True(Time(app, "startedAt") < Time(app, "readyAt")));
        Assert.True(Time(apps[1], "startedAt") > Time(apps[0], "readyAt"));
        using var http = new HttpClient();
        foreach (var app in apps)
        {
            Assert.Contains(
                $"dapr_runtime_component_loaded{{app_id=\"{app.GetProperty("appId")}\"}}",
                await http.GetStringAsync($"http://127.0.0.1:{app.GetProperty("metricsPort")}/metrics", Cancel));
        }
    }

    [Fact]
    public async Task A_process_that_is_taken_away_ends_what_it_has_in_hand_and_no_message_comes_twice()
    {
        var received = Directory.CreateTempSubdirectory("eventide-received-").FullName;
        await using var runner = new RunnerFixture().App("one", variables: [("TEST_TOPIC", "t"), ("TEST_SLOW_EVENT", "1"), ("TEST_RECEIVED", received)]);
        await runner.OpenAsync("--scale", "one=2");
        var apps = runner.Apps();
        using var http = new HttpClient();
        var messages = 0;
        while (await ReceivedAsync(http, apps[1]) == 0)
        {
            await PublishAsync(http, apps[0], messages++);
        }

        Assert.Equal((0, "one has 1 process."), await ScaleAsync(runner, "one=1"));

        int[] Handled() => [.. Directory.GetFiles(received).Select(File.ReadAllText).Where(text => text.Length > 0).Select(int.Parse)];
        Assert.False(Processes.IsRunning(apps[1].Pid));
        await Processes.UntilAsync("all messages", () => Handled().Length >= messages);
        Assert.Equal(messages, Handled().Length);
        Assert.Contains(apps[1].Pid, Handled());
        Assert.Equal(0, await runner.StopAsync());
        Directory.Delete(received, recursive: true);
    }

    [Fact]
    public async Task Messages_come_twice_when_the_run_is_told_so()
    {
        await using var runner = new RunnerFixture().App("one", variables: ("TEST_TOPIC", "t"));
        await runner.OpenAsync("--duplicates", "1");
        var app = runner.Apps().Single();
        using var http = new HttpClient();

        await PublishAsync(http, app, 7);

        await Processes.UntilAsync("two messages", async () => await ReceivedAsync(http, app) == 2);
    }

    [Fact]
    public async Task What_cannot_be_scaled_is_told_in_a_sentence()
    {
        await using var runner = new RunnerFixture().App("one");
        Assert.Equal(
            (1, $"error: No run is open in {runner.Folder}; start one there, or name its folder with --data (make scale DATA=DIR)."), await ScaleAsync(runner, "one=2"));
        await runner.OpenAsync();

        Assert.Equal((1, "error: This run has no app \"other\"; it has: one."), await ScaleAsync(runner, "other=2"));
        var (code, output) = await ScaleAsync(runner, "one=0");

        Assert.Equal(1, code);
        Assert.StartsWith("\"one=0\" is no scale; write it as APP=N with N from 1 to 32, such as inventory=2.", output);
    }

    private static async Task<int> ReceivedAsync(HttpClient http, RunningApp app) =>
        (await http.GetFromJsonAsync<string[]>($"http://127.0.0.1:{app.AppPort}/received", Cancel))!.Length;

    private static async Task PublishAsync(HttpClient http, RunningApp app, int number)
    {
        using var answer = await http.PostAsJsonAsync($"http://127.0.0.1:{app.DaprHttpPort}/v1.0/publish/pubsub/t", new { number }, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<(int Code, string Output)> ScaleAsync(RunnerFixture runner, string scale)
    {
        await using var command = new ChildProcess(runner.Folder, [Repository.Cli, "scale", "--data", runner.Folder, scale], []);
        return (await command.ExitAsync(), command.Output.Trim());
    }
}
