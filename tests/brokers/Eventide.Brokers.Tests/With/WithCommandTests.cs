using Eventide.Brokers.Backing;
using Eventide.Brokers.Servers;

namespace Eventide.Brokers.Tests.With;

/// <summary>`with` as a process, with a real server.</summary>
public sealed class WithCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-with-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Server => Path.Combine(_folder, "data", "servers", "store-postgresql");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task The_command_gets_the_component_folders_and_its_exit_code_is_ours_and_the_server_has_stopped()
    {
        await using var with = Start("sh", "-c", "echo \"$@\"; exit 7", "sh", "{resources}", "--more");

        Assert.Equal(7, await with.ExitAsync());

        var lines = with.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("STORE=postgresql: PostgreSQL ", lines[0]);
        var copies = Path.Combine(_folder, "data", "components");
        Assert.Equal($"--resources {copies}/broker --resources {copies}/store --resources {copies}/shared --more", lines[1]);
        Assert.False(await AnswersAsync(with));
    }

    [Fact]
    public async Task A_signal_goes_to_the_command_which_decides_when_all_ends()
    {
        await using var with = Start("sh", "-c", "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.1; done");
        await with.WroteAsync("ready");
        Assert.True(await AnswersAsync(with));

        with.Signal(Processes.Terminate);

        Assert.Equal(3, await with.ExitAsync());
        Assert.Contains("asked", with.Output);
        Assert.False(await AnswersAsync(with));
    }

    [Fact]
    public async Task A_command_that_is_killed_ends_the_server_too()
    {
        await using var with = Start("sh", "-c", "echo pid $$; exec sleep 600");
        await with.WroteAsync("pid ");
        var pid = int.Parse(with.Output.Split("pid ")[1].Split('\n')[0]);

        Processes.Signal(pid, Processes.Kill);

        Assert.Equal(128 + Processes.Kill, await with.ExitAsync());
        Assert.False(await AnswersAsync(with));
    }

    [Fact]
    public async Task Killing_it_leaves_neither_the_command_nor_the_server()
    {
        await using var with = Start("sh", "-c", "echo pid $$; exec sleep 600");
        await with.WroteAsync("pid ");
        var pid = int.Parse(with.Output.Split("pid ")[1].Split('\n')[0]);

        with.Signal(Processes.Kill);

        await Processes.UntilAsync("the end of the command", () => !Processes.IsRunning(pid));
        await Processes.UntilAsync("the end of the server", async () => !await AnswersAsync(with));
    }

    [Fact]
    public async Task A_server_that_is_killed_is_started_again_over_its_data()
    {
        await using var with = Start("sh", "-c", "echo ready; exec sleep 600");
        await with.WroteAsync("ready");
        var first = await File.ReadAllLinesAsync(Path.Combine(Server, "data", "postmaster.pid"), Cancel);

        Processes.Signal(int.Parse(first[0]), Processes.Kill);

        await with.WroteAsync("has ended; starting it again over its data");
        await Processes.UntilAsync("the server's answer", () => AnswersAsync(with));
        with.Signal(Processes.Terminate);
        await with.ExitAsync();
    }

    private ChildProcess Start(params IEnumerable<string> command)
    {
        Assert.SkipUnless(PostgreSqlServer.IsInstalled, "postgresql is missing; `make brokers` installs it");
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "Dapr.sln")))
        {
            root = Path.GetDirectoryName(root.TrimEnd(Path.DirectorySeparatorChar))!;
        }

        return new ChildProcess(
            root, [typeof(Product).Assembly.Location, "with", "--store", "postgresql", "--data", _folder, "--", .. command], [KeyValuePair.Create("POSTGRES_URL", "")]);
    }

    // Where it says that its server is.
    private static Task<bool> AnswersAsync(ChildProcess with) =>
        Endpoints.AnswerAsync(Endpoints.In(with.Output.Split(" at ")[1].Split(',')[0], 0), Cancel);
}
