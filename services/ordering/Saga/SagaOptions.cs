using Microsoft.Extensions.Options;

namespace Eventide.Ordering.Saga;

/// <summary>The saga's patience. Every value must be positive.</summary>
public sealed class SagaOptions
{
    /// <summary>
    /// How long a step on the way forward waits for its reply before it is abandoned and undone. The default is 5 minutes: longer than twice the slowest redelivery of
    /// a broker.
    /// </summary>
    public TimeSpan StepTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>After this time without a reply the request is sent again with the same event id. The default is 60 seconds.</summary>
    public TimeSpan RepeatAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How long a participant may still carry out a request, from the moment at which the order was placed. The default is 1 hour, the longest
    /// <see cref="Contracts.RequestLifetime.Longest"/>, because records of undos are kept for that time.
    /// </summary>
    public TimeSpan RequestLifetime { get; set; } = TimeSpan.FromHours(1);

    internal int Rounds => Math.Max(1, (int)Math.Ceiling(StepTimeout / RepeatAfter));
}

/// <summary>Refuses values with which the saga would not do what it promises.</summary>
internal sealed class SagaOptionsCheck : IValidateOptions<SagaOptions>
{
    public ValidateOptionsResult Validate(string? name, SagaOptions options)
    {
        var faults = new List<string>();
        if (options.RepeatAfter <= TimeSpan.Zero || options.StepTimeout <= TimeSpan.Zero || options.RequestLifetime <= TimeSpan.Zero)
        {
            faults.Add("Saga: RepeatAfter, StepTimeout and RequestLifetime must be longer than zero.");
        }
        else if (options.RequestLifetime > Contracts.RequestLifetime.Longest)
        {
            faults.Add($"Saga: RequestLifetime may be at most {Contracts.RequestLifetime.Longest}: participants keep the records of undos only for that time.");
        }
        else if (options.Rounds > SagaRun.RepetitionsPerHistory)
        {
            faults.Add($"Saga: StepTimeout may be at most {SagaRun.RepetitionsPerHistory} times RepeatAfter; choose a longer RepeatAfter or a shorter StepTimeout.");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
