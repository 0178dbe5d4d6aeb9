namespace Eventide.Scaling.Demand;

/// <summary>How many independent events happen, given how many are expected. The same generator gives the same numbers.</summary>
internal static class Poisson
{
    public static int Next(Random random, double expected)
    {
        if (expected <= 0)
        {
            return 0;
        }

        // Above this the product of the short method takes long, and the bell curve is as good.
        if (expected > 50)
        {
            return (int)Math.Max(0, Math.Round(expected + (Math.Sqrt(expected) * Gaussian(random))));
        }

        var limit = Math.Exp(-expected);
        var events = 0;
        for (var product = random.NextDouble(); product > limit; product *= random.NextDouble())
        {
            events++;
        }

        return events;
    }

    public static double Gaussian(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
