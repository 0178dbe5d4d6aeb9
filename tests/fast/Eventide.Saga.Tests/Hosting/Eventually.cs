using System.Diagnostics;

namespace Eventide.Saga.Tests.Hosting;

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    /// <summary>Returns when the condition holds; fails after two minutes.</summary>
    /// <param name="expectation">Asked for when it failed, so that it can say how things are then.</param>
    public static async Task HoldsAsync(Func<Task<bool>> condition, Func<Task<string>> expectation)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(started) >= Patience)
            {
                Assert.Fail($"waited {Patience.TotalSeconds} s in vain for {await expectation()} (EVENTIDE_SEED={Shop.Seed})");
            }

            await Task.Delay(40);
        }
    }

    public static Task HoldsAsync(Func<Task<bool>> condition, string expectation) => HoldsAsync(condition, () => Task.FromResult(expectation));

    public static Task HoldsAsync(Func<bool> condition, string expectation) => HoldsAsync(() => Task.FromResult(condition()), expectation);
}
