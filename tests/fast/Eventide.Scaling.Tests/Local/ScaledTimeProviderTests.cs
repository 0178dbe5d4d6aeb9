using Eventide.Scaling.Local.Clock;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Scaling.Tests.Local;

public sealed class ScaledTimeProviderTests
{
    private static readonly DateTimeOffset Begin = new(2024, 1, 1, 17, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _real = new(Begin);
    private readonly ScaledTimeProvider _time;

    public ScaledTimeProviderTests() => _time = new ScaledTimeProvider(_real, 60);

    [Fact]
    public void A_second_of_the_real_clock_is_a_minute()
    {
        var timestamp = _time.GetTimestamp();
        _real.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(Begin.AddMinutes(1), _time.GetUtcNow());
        Assert.Equal(60, _time.GetElapsedTime(timestamp).TotalSeconds, 0.001);
        Assert.Equal(Begin.AddHours(-1), _time.FromReal(Begin.AddMinutes(-1)));
    }

    [Fact]
    public void It_may_begin_at_another_time_of_day()
    {
        var time = new ScaledTimeProvider(_real, 60, Begin.AddHours(3));
        _real.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal((Begin.AddHours(3).AddMinutes(2), Begin.AddHours(3)), (time.GetUtcNow(), time.FromReal(Begin)));
    }

    [Fact]
    public async Task Delays_and_periods_are_shorter_by_the_factor()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(15), _time);
        var delay = Task.Delay(TimeSpan.FromMinutes(5), _time, TestContext.Current.CancellationToken);

        var tick = timer.WaitForNextTickAsync(TestContext.Current.CancellationToken).AsTask();
        _real.Advance(TimeSpan.FromSeconds(0.24));
        Assert.False(tick.IsCompleted);
        _real.Advance(TimeSpan.FromSeconds(0.02));
        Assert.True(await tick);

        _real.Advance(TimeSpan.FromSeconds(4.7));
        Assert.False(delay.IsCompleted);
        _real.Advance(TimeSpan.FromSeconds(0.1));
        await delay;
    }

    [Fact]
    public void A_timer_that_is_changed_or_never_due_keeps_to_the_factor()
    {
        var fired = 0;
        using var timer = _time.CreateTimer(_ => fired++, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _real.Advance(TimeSpan.FromHours(1));
        Assert.Equal(0, fired);

        timer.Change(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2));
        _real.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, fired);
        _real.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, fired);
    }
}
