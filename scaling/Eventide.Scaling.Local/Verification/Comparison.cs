using Eventide.Scaling.Local.Control;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Local.Verification;

/// <summary>One app, simulated and real.</summary>
/// <param name="Looks">How often its controller looked in the real run.</param>
/// <param name="Apart">At how many of those the two differed by more than one replica, wherever within the tolerance the simulated one is looked at.</param>
/// <param name="RealReplicaSeconds">Of the controllers' clock.</param>
/// <param name="SimulatedReplicaSeconds">Likewise.</param>
internal sealed record Comparison(string AppId, int RealMost, int SimulatedMost, int Looks, int Apart, double RealReplicaSeconds, double SimulatedReplicaSeconds)
{
    /// <summary>How far the simulated one may be ahead of the real one, or behind: two looks.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(30);

    private const double MostDifference = 0.1;

    /// <summary>Of the replica-seconds: how much more the real one took, as a part of the simulated one.</summary>
    public double Difference => (RealReplicaSeconds / SimulatedReplicaSeconds) - 1;

    /// <summary>Whether they agree.</summary>
    public bool Agrees => Looks > 0 && Apart == 0 && Math.Abs(Difference) <= MostDifference;

    /// <summary>Compares one app.</summary>
    /// <param name="looks">Of the real run.</param>
    /// <param name="step">Between two values of the simulated one.</param>
    public static Comparison Of(AppTotal real, IReadOnlyList<Look> looks, ServiceResult simulated, TimeSpan step) => new(
        real.AppId, real.Most, simulated.MostReplicas, looks.Count, looks.Count(look => !IsNear(look, simulated.WantedPerStep, step)), real.ReplicaSeconds,
        simulated.ReplicaTime.TotalSeconds);

    private static bool IsNear(Look look, IReadOnlyList<int> simulated, TimeSpan step)
    {
        var (from, to) = ((int)((look.At - Tolerance) / step), (int)((look.At + Tolerance) / step));
        return Enumerable.Range(from, to - from + 1).Where(index => index >= 0 && index < simulated.Count).Any(index => Math.Abs(look.Wanted - simulated[index]) <= 1);
    }
}
