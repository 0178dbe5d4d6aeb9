using Eventide.Scaling.Hpa;

namespace Eventide.Scaling.Tests.Hpa;

/// <summary>Both ways in which Kubernetes limits a change, and what it remembers.</summary>
public class HorizontalAutoscalerTests
{
    [Fact]
    public void Without_a_behavior_the_first_steps_are_four_eight_sixteen() => Assert.Equal([4, 8, 16, 32], Climb(behavior: null, looks: 4));

    [Fact]
    public void With_the_default_behavior_the_first_steps_are_five_ten_twenty() => Assert.Equal([5, 10, 20, 40], Climb(new HpaBehavior(), looks: 4));

    [Fact]
    public void The_highest_recommendation_of_five_minutes_holds()
    {
        foreach (var behavior in new[] { null, new HpaBehavior() })
        {
            var hpa = new Looks(new HpaSpec { MaxReplicas = 100, Metrics = [new ExternalAverageMetric("m", 1)], Behavior = behavior }, replicas: 10);

            Assert.Equal(10, hpa.Look(10));
            Assert.Equal(10, hpa.Look(8));
            Assert.Equal(10, hpa.Look(3));
            hpa.Wait(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(60));
            Assert.Equal(10, hpa.Look(3)); // the 10 was 4 minutes 45 ago
            Assert.Equal(8, hpa.Look(3)); // now the 8 is the highest
            Assert.Equal(3, hpa.Look(3));
        }
    }

    [Fact]
    public void Ten_percent_a_minute_takes_whole_pods_and_four_a_minute_rule_below_forty()
    {
        // Kubernetes, "Scaling policies": 80, then 72, then 64 (7.2 is rounded up to 8) …
        var behavior = new HpaBehavior
        {
            ScaleDown = new ScalingRules(TimeSpan.Zero, PolicySelect.Max,
                [new(PolicyType.Pods, 4, TimeSpan.FromMinutes(1)), new(PolicyType.Percent, 10, TimeSpan.FromMinutes(1))]),
        };
        var hpa = new Looks(Average(behavior, min: 1), replicas: 80);

        var seen = new List<int>();
        for (var minute = 0; minute < 9; minute++)
        {
            seen.Add(hpa.Look(1));
            hpa.Wait(TimeSpan.FromSeconds(46));
        }

        Assert.Equal([72, 64, 57, 51, 45, 40, 36, 32, 28], seen);
    }

    [Fact]
    public void The_smaller_of_two_policies_wins_when_it_says_so()
    {
        var behavior = new HpaBehavior
        {
            ScaleDown = new ScalingRules(TimeSpan.Zero, PolicySelect.Min,
                [new(PolicyType.Percent, 10, TimeSpan.FromMinutes(1)), new(PolicyType.Pods, 5, TimeSpan.FromMinutes(1))]),
        };

        Assert.Equal(75, new Looks(Average(behavior), replicas: 80).Look(1));
        Assert.Equal(27, new Looks(Average(behavior), replicas: 30).Look(1));
    }

    [Fact]
    public void A_disabled_direction_stays()
    {
        var behavior = new HpaBehavior { ScaleDown = ScalingRules.DefaultDown with { Select = PolicySelect.Disabled, StabilizationWindow = TimeSpan.Zero } };

        Assert.Equal(80, new Looks(Average(behavior), replicas: 80).Look(1));
    }

    [Fact]
    public void What_was_added_in_the_period_counts_against_the_next_step()
    {
        var behavior = new HpaBehavior { ScaleUp = new ScalingRules(TimeSpan.Zero, PolicySelect.Max, [new(PolicyType.Pods, 4, TimeSpan.FromMinutes(1))]) };
        var hpa = new Looks(Average(behavior), replicas: 1);

        Assert.Equal(5, hpa.Look(100));
        Assert.Equal(5, hpa.Look(100));
        Assert.Equal(5, hpa.Look(100));
        Assert.Equal(5, hpa.Look(100));
        Assert.Equal(9, hpa.Look(100));
    }

    [Fact]
    public void A_window_on_the_way_up_waits_until_the_load_has_stayed()
    {
        var behavior = new HpaBehavior { ScaleUp = ScalingRules.DefaultUp with { StabilizationWindow = TimeSpan.FromSeconds(60) } };
        var hpa = new Looks(Average(behavior), replicas: 2);

        Assert.Equal(2, hpa.Look(2));
        Assert.Equal(2, hpa.Look(6));
        Assert.Equal(2, hpa.Look(6));
        Assert.Equal(2, hpa.Look(6));
        Assert.Equal(6, hpa.Look(6));
    }

    [Fact]
    public void Bounds_hold_at_once_and_without_a_window()
    {
        var hpa = new HpaSpec { MinReplicas = 3, MaxReplicas = 10, Metrics = [new ExternalAverageMetric("m", 1)] };

        Assert.Equal(3, new Looks(hpa, replicas: 1).Look(1));
        Assert.Equal(10, new Looks(hpa, replicas: 20).Look(20));
        Assert.Equal(10, new Looks(hpa, replicas: 9).Look(500));
    }

    [Fact]
    public void Zero_replicas_switch_it_off() => Assert.Equal(0, new Looks(Average(behavior: null, min: 1), replicas: 0).Look(100));

    [Fact]
    public void The_largest_proposal_wins()
    {
        var spec = new HpaSpec { MaxReplicas = 100, Metrics = [new ExternalAverageMetric("lag", 10), new ExternalAverageMetric("pending", 5)] };

        Assert.Equal(4, new Looks(spec, replicas: 2).Look(("lag", 30), ("pending", 20)));
        Assert.Equal(4, new Looks(spec, replicas: 2).Look(("lag", 40), ("pending", 5)));
    }

    [Fact]
    public void With_a_metric_missing_it_goes_up_and_never_down()
    {
        var spec = new HpaSpec { MaxReplicas = 100, Metrics = [new ExternalAverageMetric("lag", 10), new ExternalAverageMetric("pending", 5)], Behavior = NoWindow };

        Assert.Equal(4, new Looks(spec, replicas: 2).Look(("lag", 40)));
        Assert.Equal(2, new Looks(spec, replicas: 2).Look(("lag", 1)));
        Assert.Equal(2, new Looks(spec, replicas: 2).Look());
    }

    private static HpaBehavior NoWindow => new() { ScaleDown = ScalingRules.DefaultDown with { StabilizationWindow = TimeSpan.Zero } };

    private static HpaSpec Average(HpaBehavior? behavior, int min = 1) =>
        new() { MinReplicas = min, MaxReplicas = 1000, Metrics = [new ExternalAverageMetric("m", 1)], Behavior = behavior };

    private static List<int> Climb(HpaBehavior? behavior, int looks)
    {
        var hpa = new Looks(Average(behavior), replicas: 1);
        return [.. Enumerable.Range(0, looks).Select(_ => hpa.Look(500))];
    }
}
