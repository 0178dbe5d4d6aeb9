using Eventide.Sidecar.Cli.Processes;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.SystemTests.Runner;

/// <summary>When an app that ended is started again.</summary>
public sealed class RestartPolicyTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void The_first_restart_is_at_once_the_next_ones_wait_longer_and_the_fifth_end_in_a_row_is_the_last()
    {
        var policy = new RestartPolicy(_time);

        Assert.Equal([0, 1, 2, 4, null], Enumerable.Range(0, 5).Select(_ => policy.AfterEnd(fromOutside: false)?.TotalSeconds));
    }

    [Fact]
    public void A_process_that_ran_for_a_while_starts_afresh()
    {
        var policy = new RestartPolicy(_time);
        policy.AfterEnd(fromOutside: false);
        policy.AfterEnd(fromOutside: false);
        policy.Started();

        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(TimeSpan.Zero, policy.AfterEnd(fromOutside: false));
    }

    [Fact]
    public void Somebody_who_kills_it_again_and_again_does_not_end_the_run()
    {
        var policy = new RestartPolicy(_time);

        Assert.Equal([0, 1, 2, 4, 8, 15, 15], Enumerable.Range(0, 7).Select(_ => policy.AfterEnd(fromOutside: true)?.TotalSeconds));
    }
}
