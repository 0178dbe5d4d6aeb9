namespace Eventide.Ordering.Saga;

/// <summary>The saga's patience.</summary>
public sealed class SagaOptions
{
    /// <summary>How long a step waits for its reply before it is undone. The default is 5 minutes: longer than twice the slowest redelivery of a broker.</summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>After this time without a reply the request is sent again with the same event id. The default is 60 seconds.</summary>
    public TimeSpan RepeatAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a participant may still carry out a request. The default is 1 hour.</summary>
    public TimeSpan RequestLifetime { get; set; } = TimeSpan.FromHours(1);
}
