namespace Eventide.Scaling.Load.Commands;

/// <summary>What the command line decides about a run.</summary>
/// <param name="Data">The folder that the shop was started with.</param>
/// <param name="Curve">A file of scaling/curves, or black-friday.</param>
/// <param name="From">The time of day; null takes the one before the curve's most interesting hours.</param>
/// <param name="Hours">Of simulated time.</param>
/// <param name="Speed">Simulated seconds in a real one.</param>
/// <param name="Output">Where the result goes.</param>
internal sealed record LoadSettings(
    string Data, string Curve, TimeSpan? From, double Hours, double Speed, double OrdersPerDay, double PagesPerOrder, int Vehicles, int Seed, string Output)
{
    public const int DefaultOrdersPerDay = 5000;
    public const int DefaultVehicles = 100;
    public const double DefaultSpeed = 60;
    public const double DefaultHours = 4;
}
