using Eventide.Tools.Demo;

namespace Eventide.Tools.Tests.Demo;

public sealed class OrderGateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_order_waits_until_another_has_ended()
    {
        var gate = new OrderGate(inFlight: 1);
        await gate.EnterAsync(left: 3, Cancel);
        var second = gate.EnterAsync(left: 2, Cancel);
        Assert.False(second.IsCompleted);

        gate.Leave();

        await second;
    }

    [Fact]
    public async Task The_last_orders_wait_for_their_moment_and_then_come_beside_the_others()
    {
        var gate = new OrderGate(inFlight: 1);
        gate.Reserve(2);
        await gate.EnterAsync(left: 3, Cancel);
        var last = new[] { gate.EnterAsync(left: 2, Cancel), gate.EnterAsync(left: 1, Cancel) };
        gate.Leave();
        Assert.All(last, order => Assert.False(order.IsCompleted));
        await gate.EnterAsync(left: 3, Cancel);

        gate.LetInReserve();

        await Task.WhenAll(last);
    }
}
