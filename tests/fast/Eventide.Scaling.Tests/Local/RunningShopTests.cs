using System.Text.Json;
using Eventide.Scaling.Local.Shops;
using Eventide.Tools;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Tests.Local;

/// <summary>A shop that is found by its run.json.</summary>
public sealed class RunningShopTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-scaling-").FullName;

    public RunningShopTests() => Directory.CreateDirectory(Path.GetDirectoryName(RunState.FileIn(_folder))!);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void What_is_written_next_is_seen(int secondsApart)
    {
        var shop = new RunningShop(_folder);
        var begin = DateTime.UtcNow.AddSeconds(-secondsApart);
        Write(processes: 2, begin);
        Assert.Equal(2, shop.Replicas("payment").Count);

        Write(processes: 1, begin.AddSeconds(secondsApart));

        Assert.Single(shop.Replicas("payment"));
    }

    [Fact]
    public void A_run_that_is_gone_is_no_shop()
    {
        var shop = new RunningShop(_folder);
        Write(processes: 1, DateTime.UtcNow.AddMinutes(-1));
        Assert.Single(shop.Replicas("payment"));

        File.Delete(RunState.FileIn(_folder));

        Assert.StartsWith($"No shop runs in {_folder}. Start it with `make run`", Assert.Throws<ToolException>(() => shop.Replicas("payment")).Message, StringComparison.Ordinal);
    }

    private void Write(int processes, DateTime at)
    {
        var apps = Enumerable.Range(0, processes).Select(replica => new RunningApp("payment", 8 + replica, 1, "http", 2, 3, replica));
        File.WriteAllBytes(RunState.FileIn(_folder), JsonSerializer.SerializeToUtf8Bytes(new RunState(Environment.ProcessId, [.. apps]), JsonSerializerOptions.Web));
        File.SetLastWriteTimeUtc(RunState.FileIn(_folder), at);
    }
}
