using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Runner;

/// <summary>`run` when processes are killed.</summary>
public sealed class CrashTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_killed_app_is_started_again_and_run_json_names_the_new_process()
    {
        await using var runner = new RunnerFixture().App("one");
        await runner.OpenAsync();
        var before = runner.Apps().Single();

        Processes.Signal(before.Pid, Processes.Kill);

        await Processes.UntilAsync("another process id", () => runner.Apps().Single().Pid != before.Pid);
        var after = runner.Apps().Single();
        Assert.Equal(before with { Pid = after.Pid }, after);
        using var http = new HttpClient();
        await Processes.UntilAsync("the app's answer", () => AnswersAsync(http, after.AppPort!.Value));
        Assert.Contains("one was killed (SIGKILL); starting it again", runner.Output);
        Assert.Equal(0, await runner.StopAsync());
        Assert.False(Processes.IsRunning(after.Pid));
    }

    [Fact]
    public async Task A_killed_runner_leaves_neither_apps_nor_what_they_started()
    {
        var childFile = Path.GetTempFileName();
        await using var runner = new RunnerFixture().App("one", variables: ("TEST_CHILD", childFile)).App("two");
        await runner.OpenAsync();
        int[] pids = [.. runner.Apps().Select(app => app.Pid), int.Parse(await File.ReadAllTextAsync(childFile, Cancel))];
        Assert.All(pids, pid => Assert.True(Processes.IsRunning(pid)));

        Processes.Signal(runner.Pid, Processes.Kill);

        await Processes.UntilAsync("the end of all its processes", () => !pids.Any(Processes.IsRunning));

        // The lock went with the process, and what it had written does not pass for what runs now.
        await runner.OpenAsync();
        Assert.DoesNotContain(runner.Apps(), app => pids.Contains(app.Pid));
        Assert.Equal(0, await runner.StopAsync());
        File.Delete(childFile);
    }

    [Fact]
    public async Task A_second_signal_ends_an_app_that_does_not_stop()
    {
        await using var runner = new RunnerFixture().App("one", variables: ("TEST_STUBBORN", "1"));
        await runner.OpenAsync();
        var pid = runner.Apps().Single().Pid;
        Processes.Signal(runner.Pid, Processes.Interrupt);
        await Processes.UntilAsync("the begin of the stop", () => runner.Output.Contains("stopping", StringComparison.Ordinal));
        Assert.True(Processes.IsRunning(pid));

        Processes.Signal(runner.Pid, Processes.Interrupt);

        Assert.Equal(1, await runner.ExitAsync());
        await Processes.UntilAsync("the end of the app", () => !Processes.IsRunning(pid));
        Assert.False(runner.IsOpen);
    }

    [Fact]
    public async Task Replicas_have_ports_of_their_own_and_take_turns()
    {
        await using var runner = new RunnerFixture().App("one");
        await runner.OpenAsync("--scale", "one=2");
        var replicas = runner.Apps();
        Assert.Equal([0, 1], replicas.Select(app => app.Replica));
        Assert.Equal(6, replicas.SelectMany(app => new[] { app.AppPort!.Value, app.DaprHttpPort, app.DaprGrpcPort }).Distinct().Count());
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{replicas[0].DaprHttpPort}") };

        var answers = new[]
        {
            await http.GetStringAsync("/v1.0/invoke/one/method/whoami", Cancel), await http.GetStringAsync("/v1.0/invoke/one/method/whoami", Cancel),
        };

        Assert.Equal(replicas.Select(app => $"one {app.Pid}").Order(), answers.Order());
        Assert.Equal(0, await runner.StopAsync());
    }

    private static async Task<bool> AnswersAsync(HttpClient http, int port)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{port}/healthz"), Cancel);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
