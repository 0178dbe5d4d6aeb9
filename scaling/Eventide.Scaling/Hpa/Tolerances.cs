namespace Eventide.Scaling.Hpa;

/// <summary>How far a ratio may be from 1 before it changes anything (Kubernetes: pkg/controller/podautoscaler/replica_calculator.go; KEP-4951).</summary>
internal readonly record struct Tolerances(double Up, double Down)
{
    public static Tolerances Of(HpaSpec spec) =>
        new(spec.Behavior?.ScaleUp.Tolerance ?? spec.Tolerance, spec.Behavior?.ScaleDown.Tolerance ?? spec.Tolerance);

    public bool Covers(double ratio) => 1.0 - Down <= ratio && ratio <= 1.0 + Up;
}
