using System.Diagnostics;

namespace Eventide.Saga.Tests.Hosting;

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Returns when the condition holds; fails after a minute.</summary>
    public static async Task HoldsAsync(Func<Task<bool>> condition, string expectation)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"waited {Patience.TotalSeconds} s in vain for {expectation} (EVENTIDE_SEED={Shop.Seed})");
            await Task.Delay(40);
        }
    }

    public static Task HoldsAsync(Func<bool> condition, string expectation) => HoldsAsync(() => Task.FromResult(condition()), expectation);
}
