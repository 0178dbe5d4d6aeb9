using Eventide.Scaling.Local.Control;
using Eventide.Tools;

namespace Eventide.Scaling.Tests.Local;

/// <summary>What `autoscale` says when it cannot begin.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-autoscale-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Where_no_shop_runs_it_says_how_to_start_one()
    {
        Assert.Equal(
            $"No shop runs in {_folder}. Start it with `make run` in another terminal; with DATA=DIR, give the same to both.",
            (await Assert.ThrowsAsync<ToolException>(ExecuteAsync)).Message);
    }

    [Fact]
    public async Task The_file_of_a_run_that_was_killed_is_no_running_shop()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.WriteAllText(Path.Combine(_folder, "data", "run.json"), """{"pid": 2147483646, "control": "x", "resources": [], "apps": []}""");

        Assert.StartsWith("No shop runs in", (await Assert.ThrowsAsync<ToolException>(ExecuteAsync)).Message);
    }

    [Fact]
    public async Task An_app_that_the_chart_does_not_scale_is_named_with_those_that_it_scales()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        File.WriteAllText(Path.Combine(_folder, "broker.yaml"), "kind: Component\nmetadata:\n  name: pubsub\nspec:\n  type: pubsub.sqlite\n");
        File.WriteAllText(
            Path.Combine(_folder, "data", "run.json"),
            $$"""{"pid": {{Environment.ProcessId}}, "control": "x", "resources": ["{{_folder}}"], "apps": [{"appId": "payment", "pid": 1, "appProtocol": "http"}]}""");

        var refused = await Assert.ThrowsAsync<ToolException>(() => ExecuteAsync("paiment"));

        Assert.Equal("\"paiment\" is not an app of this shop that the chart scales; there are: payment.", refused.Message);
    }

    private Task<int> ExecuteAsync() => ExecuteAsync(null);

    private Task<int> ExecuteAsync(string? only) => AutoscaleCommand.ExecuteAsync(
        new AutoscaleSettings(_folder, 60, new LocalLimits(1, 4), only is null ? [] : [only], null, Path.Combine(_folder, "out.json"), null, null), TestContext.Current.CancellationToken);
}
