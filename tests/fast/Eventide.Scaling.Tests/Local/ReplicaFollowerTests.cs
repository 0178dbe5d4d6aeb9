using Eventide.Scaling.Local.Control;
using Eventide.Tools;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Scaling.Tests.Local;

public sealed class ReplicaFollowerTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeShop _shop;

    public ReplicaFollowerTests() => _shop = new FakeShop(_time).App("payment");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_what_is_wanted_while_a_change_goes_on_the_latest_follows()
    {
        var going = new TaskCompletionSource();
        _shop.BeforeScaling = (_, processes) => processes == 2 ? going.Task : Task.CompletedTask;
        var follower = new ReplicaFollower("payment", 1, _shop, _time, _ => { });

        follower.Follow(2);
        follower.Follow(4);
        follower.Follow(3);
        Assert.Equal((3, 3), (follower.Wanted, follower.Existing));
        going.SetResult();
        await follower.SettledAsync(Cancel);

        Assert.Equal([("payment", 2), ("payment", 3)], _shop.Asked);
        await follower.StopAsync();
    }

    [Fact]
    public async Task Processes_that_end_what_they_have_in_hand_still_count()
    {
        _shop.App("payment", 4);
        var going = new TaskCompletionSource();
        _shop.BeforeScaling = (_, _) => going.Task;
        var follower = new ReplicaFollower("payment", 4, _shop, _time, _ => { });

        follower.Follow(1);
        Assert.Equal((1, 4), (follower.Wanted, follower.Existing));
        while (_shop.Asked.IsEmpty)
        {
            await Task.Yield();
        }

        _time.Advance(TimeSpan.FromSeconds(3));
        going.SetResult();
        await follower.SettledAsync(Cancel);

        Assert.Equal(1, follower.Existing);
        Assert.Equal([TimeSpan.FromSeconds(3)], follower.Drains);
        await follower.StopAsync();
    }

    [Fact]
    public async Task A_change_that_fails_is_told_and_tried_again()
    {
        var (failures, told) = (2, new List<string>());
        _shop.BeforeScaling = (_, _) => failures-- > 0 ? throw new ToolException("the port is taken") : Task.CompletedTask;
        var follower = new ReplicaFollower("payment", 1, _shop, _time, told.Add);

        follower.Follow(2);
        while (follower.SettledAsync(Cancel) is { IsCompleted: false })
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(["the port is taken", "the port is taken"], told);
        Assert.Equal(2, _shop.Replicas("payment").Count);
        await follower.StopAsync();
    }
}
