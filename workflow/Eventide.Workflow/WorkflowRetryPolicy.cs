namespace Dapr.Workflow;

/// <summary>When a failed activity or child workflow is called again. The pauses are durable timers. Only failures are repeated, not cancellations.</summary>
public class WorkflowRetryPolicy
{
    /// <summary>Creates a policy.</summary>
    /// <param name="maxNumberOfAttempts">Calls in all, the first included; at least 1.</param>
    /// <param name="firstRetryInterval">Pause before the second call; more than zero.</param>
    /// <param name="backoffCoefficient">Each pause is the one before times this; at least 1.</param>
    /// <param name="maxRetryInterval">No pause is longer; null sets no limit. At least <paramref name="firstRetryInterval"/>.</param>
    /// <param name="retryTimeout">No further call after this time since the first; null or infinite sets no limit. At least <paramref name="firstRetryInterval"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of the range stated for it.</exception>
    public WorkflowRetryPolicy(
        int maxNumberOfAttempts,
        TimeSpan firstRetryInterval,
        double backoffCoefficient = 1.0,
        TimeSpan? maxRetryInterval = null,
        TimeSpan? retryTimeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxNumberOfAttempts, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(firstRetryInterval, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(backoffCoefficient, 1.0);
        // With no limit given, the first interval still has to be below the hour that Dapr documents as the default limit.
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRetryInterval ?? TimeSpan.FromHours(1), firstRetryInterval, nameof(maxRetryInterval));
        var timeout = retryTimeout ?? Timeout.InfiniteTimeSpan;
        if (timeout != Timeout.InfiniteTimeSpan)
            ArgumentOutOfRangeException.ThrowIfLessThan(timeout, firstRetryInterval, nameof(retryTimeout));

        MaxNumberOfAttempts = maxNumberOfAttempts;
        FirstRetryInterval = firstRetryInterval;
        BackoffCoefficient = backoffCoefficient;
        MaxRetryInterval = maxRetryInterval;
        RetryTimeout = timeout;
    }

    /// <summary>Calls in all, the first included.</summary>
    public int MaxNumberOfAttempts { get; }

    /// <summary>Pause before the second call.</summary>
    public TimeSpan FirstRetryInterval { get; }

    /// <summary>Each pause is the one before times this.</summary>
    public double BackoffCoefficient { get; }

    /// <summary>No pause is longer; null sets no limit.</summary>
    public TimeSpan? MaxRetryInterval { get; }

    /// <summary>No further call after this time since the first; <see cref="Timeout.InfiniteTimeSpan"/> sets no limit.</summary>
    public TimeSpan RetryTimeout { get; }

    /// <summary>
    /// The pause after <paramref name="failedAttempts"/> failures. Past what a TimeSpan can hold it stays at <see cref="LongestPause"/>: backoff must slow down,
    /// never overflow and end the retries early.
    /// </summary>
    internal TimeSpan PauseAfter(int failedAttempts)
    {
        var limit = MaxRetryInterval ?? LongestPause;
        var milliseconds = FirstRetryInterval.TotalMilliseconds * Math.Pow(BackoffCoefficient, failedAttempts - 1);
        return milliseconds < limit.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : limit;
    }

    internal static readonly TimeSpan LongestPause = TimeSpan.FromDays(365);
}
