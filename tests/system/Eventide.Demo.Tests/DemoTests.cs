namespace Eventide.Demo.Tests;

/// <summary>
/// The whole shop as processes, driven by the demo as a user starts it: orders of every kind, every invariant checked, all messages replayed. The seeds are fixed;
/// what the crashes hit is not.
/// </summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly string[] Services = ["inventory", "payment", "shipping", "catalog", "basket", "ordering", "operations"];

    [Fact]
    public async Task Orders_of_every_kind_end_and_every_invariant_holds()
    {
        var (code, output) = await DemoProcess.RunAsync(Limit, "demo", "--orders", "40", "--seed", "11");

        var summary = DemoProcess.AssertAllIsWell(code, output, orders: 40);
        Assert.Null(summary.Injected);
    }

    [Fact]
    public async Task The_same_holds_with_tokens_between_services_and_sidecars_when_every_service_is_killed_once_and_then_everything()
    {
        var tokens = new Dictionary<string, string> { ["APP_API_TOKEN"] = "only-the-sidecar", ["DAPR_API_TOKEN"] = "only-the-service" };
        var (code, output) = await DemoProcess.RunAsync(Limit, tokens, "demo", "--orders", "40", "--seed", "12", "--kill");

        var summary = DemoProcess.AssertAllIsWell(code, output, orders: 40);
        Assert.Superset(Services.ToHashSet(), summary.Injected!.Killed.ToHashSet());
        Assert.Equal(1, summary.Injected.Crashes);
        Assert.Contains("killed everything at once", output);
    }

    [Fact]
    public async Task The_same_holds_for_the_shop_as_one_process()
    {
        var (code, output) = await DemoProcess.RunAsync(Limit, "demo", "--orders", "100", "--seed", "14", "--shape", "monolith", "--kill");

        var summary = DemoProcess.AssertAllIsWell(code, output, orders: 100);
        Assert.Contains("monolith", summary.Injected!.Killed);
        Assert.DoesNotContain(summary.Injected.Killed, Services.Contains);
        Assert.Equal(1, summary.Injected.Crashes);
    }
}
