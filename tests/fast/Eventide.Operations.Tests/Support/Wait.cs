namespace Eventide.Operations.Tests.Support;

/// <summary>Waits for what happens elsewhere.</summary>
internal static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Asks until the answer fits; fails with the last answer after thirty seconds.</summary>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> fits)
    {
        var end = DateTimeOffset.UtcNow + Limit;
        while (true)
        {
            var answer = await ask();
            if (fits(answer))
            {
                return answer;
            }

            Assert.True(DateTimeOffset.UtcNow < end, $"After {Limit.TotalSeconds} s the answer was still {answer}.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TestContext.Current.CancellationToken);
        }
    }
}
