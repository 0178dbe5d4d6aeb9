using System.Diagnostics;
using System.Text.Json;
using Eventide.Scaling.Load;
using Eventide.Tools.Shops;

namespace Eventide.Demo.Tests;

/// <summary>The load generator as its user starts it, against a whole shop.</summary>
public sealed class LoadTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(4);
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-load-test-").FullName;

    [Fact]
    public async Task Customers_and_vehicles_come_as_intended_and_nothing_is_lost()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Limit);
        await using var shop = await OwnShop.StartAsync(Path.Combine(_folder, "shop"), Repository.EmbeddedComponents, [], limit.Token);

        // Half an hour in the morning, in fifteen seconds: some 12 orders, 450 pages, 1000 readings.
        var (code, output) = await RunAsync(
            limit.Token, "--data", shop.Data, "--from", "10:00", "--hours", "0.5", "--speed", "120", "--orders-per-day", "1000", "--pages-per-order", "10", "--vehicles", "20", "--seed", "4",
            "--output", Path.Combine(_folder, "load.json"));

        using var line = JsonDocument.Parse(output.TrimEnd().Split('\n')[^1]);
        var result = line.RootElement;
        Assert.True(code == 0, output);
        Assert.True(result.GetProperty("isComplete").GetBoolean());
        var orders = result.GetProperty("orders");
        long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
        Assert.True(Number(orders, "accepted") >= 5, output);
        Assert.Equal(Number(orders, "accepted"), Number(orders, "confirmed") + Number(orders, "cancelled"));
        var fleet = result.GetProperty("fleet");
        Assert.True(Number(fleet, "readings") >= 100, output);
        Assert.Equal((Number(fleet, "readings"), Number(fleet, "readings"), 0L), (Number(fleet, "accepted"), Number(fleet, "counted"), Number(fleet, "missing")));
        Assert.True(Number(fleet, "outOfOrder") >= 1, output);
        Assert.All(Enum.GetValues<ActionKind>(), kind => Assert.Contains(
            result.GetProperty("actions").EnumerateArray(),
            action => action.GetProperty("kind").GetString()!.Equals($"{kind}", StringComparison.OrdinalIgnoreCase) && Number(action, "answered") > 0));
        Assert.Contains("accepted, ", output);
        Assert.True(File.Exists(Path.Combine(_folder, "load.json")));
    }

    [Fact]
    public async Task Without_a_shop_the_user_is_told_how_to_start_one()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        await File.WriteAllTextAsync(
            RunState.FileIn(_folder),
            JsonSerializer.Serialize(new { pid = 0, apps = new[] { "catalog", "basket", "ordering" }.Select(app => new { appId = app, appPort = 1, appProtocol = "http" }) }),
            TestContext.Current.CancellationToken);

        var (code, output) = await RunAsync(TestContext.Current.CancellationToken, "--data", _folder, "--vehicles", "0");

        Assert.Equal((1, "error: No shop runs here. Start it with `make run` in another terminal; with DATA=DIR, give the same to both."), (code, output.Trim()));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<(int Code, string Output)> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var load = Process.Start(new ProcessStartInfo("dotnet", [typeof(LoadRun).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var (output, errors) = (load.StandardOutput.ReadToEndAsync(cancellationToken), load.StandardError.ReadToEndAsync(cancellationToken));
            await load.WaitForExitAsync(cancellationToken);
            return (load.ExitCode, await output + await errors);
        }
        finally
        {
            load.Kill();
        }
    }
}
