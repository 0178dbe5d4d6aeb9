namespace Eventide.Benchmarks.Reporting;

/// <summary>A figure that was promised, next to the one that was measured.</summary>
/// <param name="Name">What is measured.</param>
/// <param name="Unit">Of both figures.</param>
internal sealed record Goal(string Name, double Measured, double Target, string Unit, bool HigherIsBetter)
{
    public bool Met => HigherIsBetter ? Measured >= Target : Measured <= Target;

    public static Goal AtLeast(string name, double measured, double target, string unit) => new(name, Round(measured), target, unit, HigherIsBetter: true);

    public static Goal AtMost(string name, double measured, double target, string unit) => new(name, Round(measured), target, unit, HigherIsBetter: false);

    private static double Round(double value) => Math.Round(value, 3);
}
