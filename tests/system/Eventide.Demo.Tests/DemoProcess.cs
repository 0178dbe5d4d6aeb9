using System.Diagnostics;
using System.Text.Json;
using Eventide.Tools.Demo;

namespace Eventide.Demo.Tests;

/// <summary>The demo as its user starts it: a process of its own.</summary>
internal static class DemoProcess
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <summary>Runs it to its end; its exit code, and everything that it wrote.</summary>
    public static Task<(int Code, string Output)> RunAsync(TimeSpan limit, params string[] arguments) => RunAsync(limit, new Dictionary<string, string>(), arguments);

    /// <summary>The same with these environment variables.</summary>
    public static async Task<(int Code, string Output)> RunAsync(TimeSpan limit, IReadOnlyDictionary<string, string> variables, params string[] arguments)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        stop.CancelAfter(limit);
        var start = new ProcessStartInfo("dotnet", [typeof(DemoSummary).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        using var demo = Process.Start(start)!;
        try
        {
            var (output, errors) = (demo.StandardOutput.ReadToEndAsync(stop.Token), demo.StandardError.ReadToEndAsync(stop.Token));
            await demo.WaitForExitAsync(stop.Token);
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

    /// <summary>Fails, with the whole output, unless every order has ended and every invariant holds. The summary.</summary>
    public static DemoSummary AssertAllIsWell(int code, string output, int orders)
    {
        var last = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? "";
        Assert.True(last.StartsWith('{'), output);
        var summary = JsonSerializer.Deserialize<DemoSummary>(last, Json)!;
        Assert.True(code == 0 && summary is { Pending: 0, Violations: 0 }, output);
        Assert.Equal(orders, summary.Orders);
        Assert.Equal(orders, summary.Confirmed + summary.Cancelled);
        Assert.InRange(summary.Confirmed, orders / 2, orders - 5);
        Assert.True(summary.OrdersPerSecond > 0);
        return summary;
    }
}
