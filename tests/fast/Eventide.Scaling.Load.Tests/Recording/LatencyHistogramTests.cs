using CsCheck;
using Eventide.Scaling.Load.Recording;

namespace Eventide.Scaling.Load.Tests.Recording;

/// <summary>Percentiles out of buckets.</summary>
public class LatencyHistogramTests
{
    [Fact]
    public void Percentiles_are_at_most_1_6_percent_above_what_was_measured() =>
        Gen.Int[0, 2_000_000_000].Array[1, 300].Sample(microseconds =>
        {
            var histogram = new LatencyHistogram();
            Array.ForEach(microseconds, latency => histogram.Record(TimeSpan.FromMicroseconds(latency)));
            Array.Sort(microseconds);
            var result = histogram.ToResult();
            bool Holds(double quantile, double? measured)
            {
                var exact = microseconds[Math.Max(0, (int)Math.Ceiling(quantile * microseconds.Length) - 1)] / 1000.0;
                return measured >= exact && measured <= (exact * 1.016) + 0.001;
            }

            return Holds(0.5, result.P50Ms) && Holds(0.9, result.P90Ms) && Holds(0.99, result.P99Ms) && Holds(0.999, result.P999Ms) && result.MaxMs == microseconds[^1] / 1000.0;
        });

    [Fact]
    public void Nothing_measured_is_not_zero() => Assert.Equal(new LatencyResult(null, null, null, null, null), new LatencyHistogram().ToResult());

    [Fact]
    public void An_early_answer_counts_as_none_and_an_endless_one_fits_in()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(TimeSpan.FromMilliseconds(-1));
        histogram.Record(TimeSpan.FromDays(100));

        Assert.Equal((0.0, TimeSpan.FromDays(100).TotalMilliseconds), (histogram.ToResult().P50Ms!.Value, histogram.ToResult().MaxMs!.Value));
    }
}
