using System.Diagnostics;
using System.Text.Json;
using Eventide.Tools.Demo;

namespace Eventide.Demo.Tests;

/// <summary>
/// The whole shop as processes, driven by the demo as a user starts it: orders of every kind, every invariant checked, all messages replayed. The seeds are fixed;
/// what the crashes hit is not.
/// </summary>
public sealed class DemoTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    [Fact]
    public async Task Orders_of_every_kind_end_and_every_invariant_holds()
    {
        var (code, output) = await DemoAsync("--orders", "40", "--seed", "11");

        AssertAllIsWell(code, output, orders: 40);
    }

    [Fact]
    public async Task The_same_holds_when_every_service_is_killed_once_and_then_everything()
    {
        var (code, output) = await DemoAsync("--orders", "40", "--seed", "12", "--kill");

        AssertAllIsWell(code, output, orders: 40);
        foreach (var service in new[] { "inventory", "payment", "shipping", "catalog", "basket", "ordering", "operations" })
        {
            Assert.Contains($"killed {service}", output);
        }

        Assert.Contains("killed everything at once", output);
    }

    private static void AssertAllIsWell(int code, string output, int orders)
    {
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
        Assert.True(last.StartsWith('{'), output);
        var summary = JsonSerializer.Deserialize<DemoSummary>(last, Json)!;
        Assert.True(code == 0 && summary is { Pending: 0, Violations: 0 }, output);
        Assert.Equal(orders, summary.Orders);
        Assert.Equal(orders, summary.Confirmed + summary.Cancelled);
        Assert.InRange(summary.Confirmed, orders / 2, orders - 5);
        Assert.True(summary.OrdersPerSecond > 0);
    }

    private static async Task<(int Code, string Output)> DemoAsync(params string[] arguments)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        using var demo = Process.Start(new ProcessStartInfo("dotnet", [typeof(DemoSummary).Assembly.Location, "demo", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var (output, errors) = (demo.StandardOutput.ReadToEndAsync(limit.Token), demo.StandardError.ReadToEndAsync(limit.Token));
            await demo.WaitForExitAsync(limit.Token);
            return (demo.ExitCode, await errors + await output);
        }
        finally
        {
            if (!demo.HasExited)
            {
                demo.Kill(entireProcessTree: true);
            }
        }
    }
}
