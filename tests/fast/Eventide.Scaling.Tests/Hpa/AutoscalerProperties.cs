using CsCheck;
using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Tests.Hpa;

/// <summary>What holds for every behavior and every load.</summary>
public class AutoscalerProperties
{
    private static readonly Gen<ScalingPolicy> Policy = Gen.Select(
        Gen.Bool, Gen.Int[1, 20], Gen.Int[1, 8], (isPods, value, quarter) => new ScalingPolicy(isPods ? PolicyType.Pods : PolicyType.Percent, isPods ? value : value * 10, TimeSpan.FromSeconds(15 * quarter)));

    private static readonly Gen<ScalingRules> Rules = Gen.Select(
        Gen.Int[0, 20], Gen.Bool, Policy.Array[1, 3], (window, isMax, policies) => new ScalingRules(TimeSpan.FromSeconds(15 * window), isMax ? PolicySelect.Max : PolicySelect.Min, policies));

    private static readonly Gen<HpaSpec> Spec = Gen.Select(
        Gen.Int[1, 5], Gen.Int[5, 60], Rules, Rules, Gen.Bool, (min, max, up, down, hasBehavior) => new HpaSpec
        {
            MinReplicas = min,
            MaxReplicas = max,
            Metrics = [new ExternalAverageMetric("m", 10)],
            Behavior = hasBehavior ? new HpaBehavior { ScaleUp = up, ScaleDown = down } : null,
        });

    [Fact]
    public void The_replicas_stay_within_their_bounds() =>
        Gen.Select(Spec, Gen.Double[0, 2000].Array[1, 60]).Sample((spec, loads) =>
        {
            var hpa = new Looks(spec, spec.MinReplicas);
            return loads.All(load => hpa.Look(load) is { } replicas && replicas >= spec.MinReplicas && replicas <= spec.MaxReplicas);
        });

    [Fact]
    public void More_than_the_replicas_are_for_never_removes_one() =>
        Gen.Select(Spec, Gen.Double[0, 2000].Array[1, 60]).Sample((spec, loads) =>
        {
            var hpa = new Looks(spec, spec.MinReplicas);
            return loads.All(load =>
            {
                var before = hpa.Replicas;
                return hpa.Look(load) >= before || load <= 10 * before;
            });
        });

    [Fact]
    public void A_higher_value_never_asks_for_fewer_replicas() =>
        Gen.Select(Gen.Int[1, 100], Gen.Double[0, 5000], Gen.Double[0, 5000], Gen.Double[0.1, 100]).Sample((replicas, one, other, target) =>
        {
            var tolerances = new Tolerances(0.1, 0.1);
            return ReplicaCalculator.ExternalAverage(Math.Min(one, other), target, replicas, tolerances)
                <= ReplicaCalculator.ExternalAverage(Math.Max(one, other), target, replicas, tolerances);
        });

    [Fact]
    public void Under_a_constant_load_it_arrives_and_then_stays() =>
        Gen.Select(Spec, Gen.Double[0, 2000], Gen.Int[1, 60]).Sample((spec, load, start) =>
        {
            var hpa = new Looks(spec, Math.Clamp(start, spec.MinReplicas, spec.MaxReplicas));
            // The slowest policy moves one replica in two minutes, and both windows are at most five minutes.
            for (var look = 0; look < 21 + (60 * 8); look++)
            {
                hpa.Look(load);
            }

            var settled = hpa.Replicas;
            return Enumerable.Range(0, 40).All(_ => hpa.Look(load) == settled);
        });

    [Fact]
    public void No_more_pods_are_added_in_any_period_than_the_policy_allows() =>
        Gen.Select(Gen.Int[1, 10], Gen.Int[1, 8], Gen.Double[0, 2000].Array[20, 80]).Sample((pods, quarters, loads) =>
        {
            var behavior = new HpaBehavior
            {
                ScaleUp = new ScalingRules(TimeSpan.Zero, PolicySelect.Max, [new(PolicyType.Pods, pods, TimeSpan.FromSeconds(15 * quarters))]),
                ScaleDown = ScalingRules.DefaultDown with { Select = PolicySelect.Disabled },
            };
            var hpa = new Looks(new HpaSpec { MaxReplicas = 10_000, Metrics = [new ExternalAverageMetric("m", 1)], Behavior = behavior }, replicas: 1);
            var replicas = loads.Select(hpa.Look).Prepend(1).ToArray();
            return Enumerable.Range(0, replicas.Length).All(from =>
                Enumerable.Range(from, Math.Min(quarters, replicas.Length - 1 - from) + 1).All(to => to - from > quarters || replicas[to] - replicas[from] <= pods));
        });
}
