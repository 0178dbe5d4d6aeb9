using System.Diagnostics;
using Eventide.Tools.Timing;

namespace Eventide.Tools.Tests.Timing;

/// <summary>Waits end, and never before their time. How soon after it is a matter of the machine.</summary>
public sealed class PreciseTimerTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly PreciseTimer _timer = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everybody_is_woken_and_nobody_too_early_whatever_the_order_in_which_they_come()
    {
        var random = new Random(1);
        var begin = Stopwatch.GetTimestamp();
        async Task<TimeSpan> LatenessAsync(double milliseconds)
        {
            var due = begin + (long)(milliseconds * Stopwatch.Frequency / 1000);
            await _timer.WaitUntilAsync(due, Cancellation);
            return Stopwatch.GetElapsedTime(due);
        }

        var latenesses = await Task.WhenAll(Enumerable.Range(0, 2000).Select(_ => LatenessAsync(300 * random.NextDouble()))).WaitAsync(Limit, Cancellation);

        Assert.All(latenesses, lateness => Assert.True(lateness >= TimeSpan.Zero));
    }

    [Fact]
    public async Task One_after_the_other_is_woken_too()
    {
        for (var wait = 0; wait < 200; wait++)
        {
            var due = Stopwatch.GetTimestamp() + (Stopwatch.Frequency / 2000);
            await _timer.WaitUntilAsync(due, Cancellation).AsTask().WaitAsync(Limit, Cancellation);
            Assert.True(Stopwatch.GetTimestamp() >= due);
        }
    }

    [Fact]
    public void A_time_that_has_passed_is_not_waited_for() => Assert.True(_timer.WaitUntilAsync(Stopwatch.GetTimestamp(), Cancellation).IsCompletedSuccessfully);

    [Fact]
    public async Task A_wait_can_be_given_up()
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var waiting = _timer.WaitUntilAsync(Stopwatch.GetTimestamp() + (3600 * Stopwatch.Frequency), stop.Token).AsTask();
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(Limit, Cancellation));
    }

    public void Dispose() => _timer.Dispose();
}
