using Eventide.Tools.Faults;

namespace Eventide.Tools.Tests.Faults;

/// <summary>When faults happen.</summary>
public sealed class FaultScheduleTests
{
    private readonly List<string> _happened = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Faults_happen_one_after_the_other_evenly_over_the_orders()
    {
        var schedule = Schedule(orders: 50, faults: 3);
        var running = schedule.RunAsync(Cancel);
        for (var ended = 1; ended <= 50; ended++)
        {
            schedule.OrderEnded();
            var expected = Math.Min(3, ended / 10);
            await UntilAsync(() => _happened.Count >= expected);
            Assert.Equal(expected, _happened.Count);
        }

        await running;
        Assert.Equal(["fault 0", "fault 1", "fault 2"], _happened);
    }

    [Fact]
    public async Task All_faults_happen_even_when_there_are_fewer_orders()
    {
        var schedule = Schedule(orders: 2, faults: 5);
        var running = schedule.RunAsync(Cancel);
        schedule.OrderEnded();
        schedule.OrderEnded();
        await running.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        Assert.Equal(5, _happened.Count);
    }

    [Fact]
    public async Task A_fault_after_which_something_does_not_run_again_is_told()
    {
        var schedule = new FaultSchedule([new Fault("bad", () => throw new ToolException("It does not run again."))], 1, _ => { });
        schedule.OrderEnded();
        await Assert.ThrowsAsync<ToolException>(() => schedule.RunAsync(Cancel));
    }

    private FaultSchedule Schedule(int orders, int faults) =>
        new([.. Enumerable.Range(0, faults).Select(number => new Fault($"fault {number}", () => { }))], orders, _happened.Add);

    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            await Task.Delay(1, Cancel);
        }
    }

    private sealed class Fault(string description, Action inject) : IFault
    {
        public string Description => description;

        public Task InjectAsync(CancellationToken cancellationToken)
        {
            inject();
            return Task.CompletedTask;
        }
    }
}
