namespace Eventide.Sidecar.Tests.Support;

/// <summary>Waits for what happens on another thread.</summary>
internal static class Wait
{
    /// <summary>Returns when <paramref name="condition"/> holds; fails after a minute, which a machine under load may need.</summary>
    public static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    /// <summary>Returns when <paramref name="condition"/> holds; fails after a minute, which a machine under load may need.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), limit.Token);
        }
    }
}
