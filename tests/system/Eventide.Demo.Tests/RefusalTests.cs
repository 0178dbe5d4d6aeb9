using System.Diagnostics;
using Eventide.Tools.Demo;

namespace Eventide.Demo.Tests;

/// <summary>What the tools say when they cannot do what was asked: one sentence with a remedy, and exit code 1.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-demo-test-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_demo_in_a_folder_that_is_in_use_is_refused()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "something"), "", Cancellation);

        var (code, errors) = await RunAsync("demo", "--orders", "1", "--data", _folder);

        Assert.Equal((1, $"error: {_folder} is not empty; the demo needs a folder of its own, because orders of an earlier shop would count as violations."), (code, errors));
    }

    [Fact]
    public async Task A_shop_that_cannot_start_says_why()
    {
        var (code, errors) = await RunAsync("demo", "--orders", "1", "--data", Path.Combine(_folder, "shop"), "--resources", Path.Combine(_folder, "missing"));

        Assert.Equal(1, code);
        Assert.StartsWith($"error: The shop did not start. The resources folder {Path.Combine(_folder, "missing")} does not exist;", errors);
    }

    private static async Task<(int Code, string Errors)> RunAsync(params string[] arguments)
    {
        using var tool = Process.Start(new ProcessStartInfo("dotnet", [typeof(DemoSummary).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, errors) = (tool.StandardOutput.ReadToEndAsync(Cancellation), tool.StandardError.ReadToEndAsync(Cancellation));
        await tool.WaitForExitAsync(Cancellation);
        await output;
        return (tool.ExitCode, (await errors).Trim());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
