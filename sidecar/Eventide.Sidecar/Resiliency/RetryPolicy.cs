using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;

namespace Eventide.Sidecar.Resiliency;

/// <summary>A retry policy as written (Dapr: kit/retry). Immutable.</summary>
/// <param name="Exponential">Grows from half a second by half, spread by half in both directions; else every wait is <paramref name="Duration"/>.</param>
/// <param name="MaxInterval">No exponential wait is longer, before it is spread.</param>
/// <param name="MaxRetries">After the first attempt; -1 means for ever.</param>
/// <param name="Matching">Which answers are worth another attempt.</param>
internal sealed record RetryPolicy(bool Exponential, TimeSpan Duration, TimeSpan MaxInterval, int MaxRetries, StatusCodeFilter Matching)
{
    private const double Multiplier = 1.5;
    private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>No new attempt of an exponential policy starts later than this after the first one.</summary>
    public static readonly TimeSpan MaxElapsed = TimeSpan.FromMinutes(15);

    /// <summary>The policy of a name below <c>retries</c>. Throws <see cref="SidecarStartException"/> for a wrong value.</summary>
    public static RetryPolicy Read(YamlReader reader)
    {
        var kind = reader.Text("policy") ?? "constant";
        if (kind is not ("constant" or "exponential"))
        {
            throw new SidecarStartException($"{reader.Where}: \"policy\" is \"{kind}\"; allowed is constant or exponential.");
        }

        var policy = new RetryPolicy(
            kind == "exponential", reader.Duration("duration", TimeSpan.FromSeconds(5)), reader.Duration("maxInterval", TimeSpan.FromSeconds(60)),
            reader.Number("maxRetries", -1), StatusCodeFilter.Read(reader.Map("matching")));
        reader.RefuseUnknown();
        return policy;
    }

    /// <summary>The wait after the attempt with this number; the first is 0.</summary>
    public TimeSpan Delay(int attempt)
    {
        if (!Exponential)
        {
            return Duration;
        }

        var delay = FirstInterval * Math.Pow(Multiplier, Math.Min(attempt, 50));
        return (delay < MaxInterval ? delay : MaxInterval) * (0.5 + Random.Shared.NextDouble());
    }
}
