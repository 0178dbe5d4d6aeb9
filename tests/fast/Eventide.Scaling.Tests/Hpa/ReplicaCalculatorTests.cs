using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Tests.Hpa;

/// <summary>The worked examples of the Kubernetes and KEDA documents, number by number.</summary>
public class ReplicaCalculatorTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly UtilizationMetric Half = new("cpu", 50);
    private static readonly Tolerances Tolerances = new(0.1, 0.1);

    [Theory]
    [InlineData(50, 90, 75, 60)] // Kubernetes blog: 50 replicas at 90 % of a target of 75 %
    [InlineData(1, 200, 100, 2)] // Kubernetes: 200m against 100m doubles
    [InlineData(4, 50, 100, 2)] // Kubernetes: 50m against 100m halves
    [InlineData(10, 110, 100, 10)] // exactly 1.1 is inside the tolerance
    [InlineData(10, 90, 100, 10)] // and so is exactly 0.9
    [InlineData(10, 111, 100, 12)]
    [InlineData(10, 89, 100, 9)]
    public void Utilization_multiplies_the_ready_replicas(int replicas, int percent, int target, int expected)
    {
        var pods = Enumerable.Range(0, replicas).Select(_ => Ready(percent * 10)).ToList();

        Assert.Equal(expected, ReplicaCalculator.Utilization(pods, new UtilizationMetric("cpu", target), replicas, Tolerances, new HpaControllerSettings(), Now));
    }

    [Fact]
    public void Utilization_is_a_whole_number_cut_off() => Assert.Equal(33, ReplicaCalculator.Percent(100, 300));

    [Theory]
    [InlineData(3, 20, 5, 4)] // KEDA: AverageValue, 20 messages, 5 for each replica
    [InlineData(3, 15, 5, 3)]
    [InlineData(3, 16.5, 5, 3)] // a ratio of 1.1
    [InlineData(3, 0, 5, 0)]
    [InlineData(10, 1000, 5, 200)]
    public void An_average_value_divides_the_sum_by_the_target(int replicas, double usage, double target, int expected) =>
        Assert.Equal(expected, ReplicaCalculator.ExternalAverage(usage, target, replicas, Tolerances));

    [Theory]
    [InlineData(3, 3, 20, 5, 12)] // KEDA: Value, 20 ms against 5 ms
    [InlineData(4, 2, 20, 10, 4)] // only ready pods are multiplied
    [InlineData(0, 0, 20, 5, 4)]
    [InlineData(0, 0, 0, 5, 0)]
    public void A_value_multiplies_the_ready_pods(int replicas, int ready, double usage, double target, int expected) =>
        Assert.Equal(expected, ReplicaCalculator.ExternalValue(usage, target, replicas, ready, Tolerances));

    [Fact]
    public void A_narrow_tolerance_acts_earlier()
    {
        var tolerances = new Tolerances(0.05, 0.1);

        Assert.Equal(2, ReplicaCalculator.ExternalValue(105, 100, 2, 2, tolerances));
        Assert.Equal(3, ReplicaCalculator.ExternalValue(106, 100, 2, 2, tolerances));
    }

    [Fact]
    public void Missing_pods_use_nothing_on_the_way_up_and_everything_on_the_way_down()
    {
        var missing = new PodView(PodPhase.Running, true, Now.AddHours(-1), Now.AddHours(-1), false, new Cores(1000, 0), null);

        // 3 pods at 100 % of a target of 50 % would be 6; with the fourth at nothing it is 75 %, ratio 1.5, of four.
        Assert.Equal(6, ReplicaCalculator.Utilization([Ready(1000), Ready(1000), Ready(1000), missing], Half, 4, Tolerances, new HpaControllerSettings(), Now));

        // 3 pods at 10 % would be one; with the fourth at 100 % it is 32 %, ratio 0.64, of four.
        Assert.Equal(3, ReplicaCalculator.Utilization([Ready(100), Ready(100), Ready(100), missing], Half, 4, Tolerances, new HpaControllerSettings(), Now));
    }

    [Fact]
    public void What_is_not_known_never_turns_the_direction()
    {
        var missing = new PodView(PodPhase.Running, true, Now.AddHours(-1), Now.AddHours(-1), false, new Cores(1000, 0), null);

        // One pod at 60 % of 50 % asks for more; three missing ones at nothing would ask for fewer: it stays.
        Assert.Equal(4, ReplicaCalculator.Utilization([Ready(600), missing, missing, missing], Half, 4, Tolerances, new HpaControllerSettings(), Now));
    }

    [Fact]
    public void Pods_that_are_starting_hold_a_scale_up_back_and_do_not_count_on_the_way_down()
    {
        var pending = new PodView(PodPhase.Pending, false, Now, Now, false, new Cores(1000, 0), null);

        // 2 at 90 % of 50 % ask for 4; with 2 pending ones at nothing the ratio is 0.9: what is coming suffices.
        Assert.Equal(4, ReplicaCalculator.Utilization([Ready(900), Ready(900), pending, pending], Half, 4, Tolerances, new HpaControllerSettings(), Now));
        Assert.Equal(1, ReplicaCalculator.Utilization([Ready(200), Ready(200), pending], Half, 3, Tolerances, new HpaControllerSettings(), Now));
    }

    [Fact]
    public void The_processor_that_a_start_burns_does_not_count()
    {
        var ready = Now.AddSeconds(-10);
        var starting = new PodView(PodPhase.Running, true, Now.AddSeconds(-30), ready, false, new Cores(1000, 0), new ResourceSample(new Cores(1000, 0), Now, TimeSpan.FromSeconds(30)));

        Assert.Equal(2, ReplicaCalculator.Utilization([Ready(500), starting], Half, 2, Tolerances, new HpaControllerSettings(), Now));
    }

    [Fact]
    public void A_container_metric_does_not_see_the_sidecar()
    {
        var pod = Ready(500) with { Request = new Cores(1000, 100), Sample = new ResourceSample(new Cores(500, 900), Now, TimeSpan.FromSeconds(30)) };

        Assert.Equal(1, ReplicaCalculator.Utilization([pod], Half with { IsAppOnly = true }, 1, Tolerances, new HpaControllerSettings(), Now));
        Assert.Equal(3, ReplicaCalculator.Utilization([pod], Half, 1, Tolerances, new HpaControllerSettings(), Now));
    }

    [Fact]
    public void Without_any_sample_it_says_nothing()
    {
        var pending = new PodView(PodPhase.Pending, false, Now, Now, false, new Cores(1000, 0), null);

        Assert.Null(ReplicaCalculator.Utilization([pending], Half, 1, Tolerances, new HpaControllerSettings(), Now));
    }

    [Fact]
    public void Pods_that_are_being_deleted_do_not_count()
    {
        var deleting = Ready(5000) with { IsDeleting = true };

        Assert.Equal(1, ReplicaCalculator.Utilization([Ready(500), deleting], Half, 1, Tolerances, new HpaControllerSettings(), Now));
    }

    private static PodView Ready(long usage) =>
        new(PodPhase.Running, true, Now.AddHours(-1), Now.AddHours(-1), false, new Cores(1000, 0), new ResourceSample(new Cores(usage, 0), Now, TimeSpan.FromSeconds(30)));
}
