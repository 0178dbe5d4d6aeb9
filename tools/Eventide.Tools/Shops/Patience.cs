namespace Eventide.Tools.Shops;

/// <summary>Asks again while a service is away, as clients have to that must not fail because one was killed and is being started again.</summary>
internal static class Patience
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Asks until there is a real answer, or the time is up; then the last answer or failure stands.</summary>
    /// <param name="isAnswer">Whether it answers the question; otherwise it is asked again.</param>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask, Func<T, bool> isAnswer, TimeSpan limit, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        bool IsUp() => TimeProvider.System.GetElapsedTime(started) > limit;
        while (true)
        {
            try
            {
                var answer = await ask();
                if (isAnswer(answer) || IsUp())
                {
                    return answer;
                }
            }
            catch (Exception failure) when (IsTransient(failure, cancellationToken) && !IsUp())
            {
                // The service is being started again.
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private static bool IsTransient(Exception failure, CancellationToken cancellationToken) =>
        failure is HttpRequestException or IOException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
