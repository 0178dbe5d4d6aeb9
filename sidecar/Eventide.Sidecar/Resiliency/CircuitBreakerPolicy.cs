using Eventide.Sidecar.Expressions;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;

namespace Eventide.Sidecar.Resiliency;

/// <summary>A circuit breaker as written (Dapr: pkg/resiliency/breaker). Immutable.</summary>
/// <param name="MaxRequests">So many calls pass while it is half open, and so many successes in a row close it. The default is 1.</param>
/// <param name="Interval">How often the counts of a closed breaker start anew; zero, the default, means never.</param>
/// <param name="Timeout">How long it stays open. The default is 60 seconds.</param>
/// <param name="Trip">The condition that opens it, asked after each failure. The default is more than five failures in a row.</param>
internal sealed record CircuitBreakerPolicy(int MaxRequests, TimeSpan Interval, TimeSpan Timeout, CelExpression Trip)
{
    private static readonly CelEnvironment Variables = new(
        ("requests", CelType.Int), ("totalSuccesses", CelType.Int), ("totalFailures", CelType.Int), ("consecutiveSuccesses", CelType.Int),
        ("consecutiveFailures", CelType.Int));

    /// <summary>The policy of a name below <c>circuitBreakers</c>. Throws <see cref="SidecarStartException"/> for a wrong value.</summary>
    public static CircuitBreakerPolicy Read(YamlReader reader)
    {
        var maxRequests = reader.Number("maxRequests", 1);
        if (maxRequests < 0)
        {
            throw new SidecarStartException($"{reader.Where}: \"maxRequests\" is {maxRequests}; allowed is a whole number of at least 1.");
        }

        var timeout = reader.Duration("timeout", default);
        var policy = new CircuitBreakerPolicy(
            Math.Max(1, maxRequests), reader.Duration("interval", TimeSpan.Zero), timeout > TimeSpan.Zero ? timeout : TimeSpan.FromSeconds(60),
            Condition(reader, reader.Text("trip") is { Length: > 0 } text ? text : "consecutiveFailures > 5"));
        reader.RefuseUnknown();
        return policy;
    }

    /// <summary>Whether these counts open the breaker; a condition without a value (a division by zero) does not.</summary>
    public bool Trips(in BreakerCounts counts)
    {
        try
        {
            return Trip.Matches([
                CelValue.Of(counts.Requests), CelValue.Of(counts.TotalSuccesses), CelValue.Of(counts.TotalFailures), CelValue.Of(counts.ConsecutiveSuccesses),
                CelValue.Of(counts.ConsecutiveFailures),
            ]);
        }
        catch (CelException)
        {
            return false;
        }
    }

    private static CelExpression Condition(YamlReader reader, string text)
    {
        try
        {
            return CelExpression.Compile(text, Variables);
        }
        catch (CelException failure)
        {
            throw new SidecarStartException($"{reader.Where}: \"trip\" cannot be read: {failure.Message} The names are {Variables.Names}.", failure);
        }
    }
}

/// <summary>What a breaker counts, as its trip condition sees it.</summary>
internal readonly record struct BreakerCounts(long Requests, long TotalSuccesses, long TotalFailures, long ConsecutiveSuccesses, long ConsecutiveFailures)
{
    public BreakerCounts Success() => this with { TotalSuccesses = TotalSuccesses + 1, ConsecutiveSuccesses = ConsecutiveSuccesses + 1, ConsecutiveFailures = 0 };

    public BreakerCounts Failure() => this with { TotalFailures = TotalFailures + 1, ConsecutiveFailures = ConsecutiveFailures + 1, ConsecutiveSuccesses = 0 };
}
