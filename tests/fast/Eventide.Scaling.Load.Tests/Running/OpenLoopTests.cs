using Eventide.Scaling.Load.Running;
using Eventide.Scaling.Load.Schedule;
using Eventide.Scaling.Load.Tests.Support;

namespace Eventide.Scaling.Load.Tests.Running;

/// <summary>A slow shop delays no arrival and hides nothing: latencies count from when an action was intended.</summary>
public class OpenLoopTests
{
    [Fact]
    public void A_second_in_which_the_shop_stands_still_is_in_the_latency_of_everything_that_was_intended_in_it()
    {
        // A hundred a second for twenty seconds; who comes in the tenth second waits until it is over.
        var plan = Plans.Pages(100, 20) with { LateAfter = TimeSpan.FromMilliseconds(500) };
        var (from, until) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11));
        var world = new VirtualWorld();
        var shop = new FakeShop(world) { Delay = now => now >= from && now < until ? until - now + FakeShop.Usual : FakeShop.Usual };

        var result = world.Run(() => LoadRun.RunAsync(plan, shop, world.Time));

        var intended = new LoadSchedule(plan, "test").Items().Select(item => item.At - plan.Begin).ToList();
        int Between(TimeSpan one, TimeSpan other) => intended.Count(at => at >= one && at < other);
        var pages = Assert.Single(result.Actions);
        Assert.Equal((intended.Count, intended.Count, intended.Count), (pages.Intended, pages.Sent, pages.Answered));

        // Whoever came in the first half of that second waited longer than half a second; a few milliseconds are the clock's.
        Assert.InRange(pages.Late, Between(from, from + TimeSpan.FromMilliseconds(507)), Between(from, from + TimeSpan.FromMilliseconds(513)));

        // Nobody waited for the others before they asked.
        Assert.InRange(shop.MostAtOnce, Between(from, until), Between(from, until) + 5);
        var latencies = intended.Select(at => FakeShop.Usual.TotalMilliseconds + (at >= from && at < until ? (until - at).TotalMilliseconds : 0)).Order().ToList();
        double Expected(double quantile) => latencies[(int)Math.Ceiling(quantile * latencies.Count) - 1];
        Assert.InRange(Expected(0.99), 700, 900);
        Assert.Equal(Expected(0.5), pages.Latency.P50Ms!.Value, 1.2);
        Assert.Equal(Expected(0.99), pages.Latency.P99Ms!.Value, 12.0);
        Assert.Equal(Expected(1), pages.Latency.MaxMs!.Value, 1.2);
        Assert.InRange(result.Generator.Lateness.MaxMs!.Value, 0, 1);
    }

    [Fact]
    public void The_minute_in_which_the_shop_stood_still_is_the_one_that_was_late()
    {
        // Sixty simulated seconds in a real one: the shop stands still for the whole of the third minute.
        var plan = Plans.Pages(1, 6 * 60) with { Compression = 60 };
        var (from, until) = (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(3));
        var world = new VirtualWorld();
        var shop = new FakeShop(world) { Delay = now => now >= from && now < until ? until - now + TimeSpan.FromSeconds(1) : FakeShop.Usual };

        var minutes = world.Run(() => LoadRun.RunAsync(plan, shop, world.Time)).Minutes;

        Assert.Equal(Enumerable.Range(0, 6).Select(minute => new TimeSpan(12, minute, 0)), minutes.Select(minute => minute.Time));
        Assert.Equal(
            new LoadSchedule(plan, "test").Items().CountBy(item => item.At.Minutes).OrderBy(minute => minute.Key).Select(minute => (long)minute.Value), minutes.Select(minute => minute.Intended));
        Assert.Equal([0, 0, minutes[2].Intended, 0, 0, 0], minutes.Select(minute => minute.Late));
        Assert.InRange(minutes[2].SlowestMs, 1900, 2001);
        Assert.InRange(minutes[3].SlowestMs, 10, 12);
    }

    [Fact]
    public void A_shop_that_gets_slower_and_slower_is_asked_as_often_as_intended()
    {
        var plan = Plans.Pages(50, 10);
        var world = new VirtualWorld();
        var shop = new FakeShop(world) { Delay = now => now };

        var pages = Assert.Single(world.Run(() => LoadRun.RunAsync(plan, shop, world.Time)).Actions);

        Assert.Equal(new LoadSchedule(plan, "test").Items().Count(), pages.Answered);
        Assert.InRange(pages.Latency.P50Ms!.Value, 4500, 5700);
        Assert.InRange(pages.Late, (int)(pages.Answered * 0.87), (int)(pages.Answered * 0.93));
    }

    [Fact]
    public void A_page_that_had_to_wait_for_the_one_before_counts_from_when_it_was_intended()
    {
        var plan = Plans.Pages(1, 10);
        var world = new VirtualWorld();
        var shop = new FakeShop(world) { Delay = now => now < TimeSpan.FromMilliseconds(100) ? TimeSpan.FromSeconds(3) : FakeShop.Usual };
        var visit = new Visit(plan.Begin, [new PageView(plan.Begin, "/products"), new PageView(plan.Begin + TimeSpan.FromSeconds(1), "/products/SKU-001")]);

        var (pages, generator) = world.Run(async () =>
        {
            var clock = new LoadClock(plan, world.Time);
            var sender = new ActionSender(plan, clock);
            await new ShopTraffic(shop, clock, sender, new OrderFollower(shop, clock, sender)).VisitAsync(visit, CancellationToken.None);
            return (Assert.Single(sender.Results()), sender.Generator());
        });

        Assert.Equal((2, 2), (pages.Answered, pages.Late));
        Assert.InRange(pages.Latency.P50Ms!.Value, 2009, 2045);
        Assert.InRange(pages.Latency.MaxMs!.Value, 3000, 3002);

        // That was the shop and not the generator.
        Assert.InRange(generator.Lateness.MaxMs!.Value, 0, 2);
    }

    [Fact]
    public void What_is_too_much_is_counted_instead_of_sent()
    {
        var plan = Plans.Pages(100, 10) with { MostUnanswered = 20 };
        var world = new VirtualWorld();
        var shop = new FakeShop(world) { Delay = _ => TimeSpan.FromSeconds(2) };

        var result = world.Run(() => LoadRun.RunAsync(plan, shop, world.Time));

        // Twenty every two seconds.
        var pages = Assert.Single(result.Actions);
        Assert.Equal(new LoadSchedule(plan, "test").Items().Count(), pages.Intended);
        Assert.InRange(pages.Sent, 95, 105);
        Assert.Equal(pages.Intended - pages.Sent, pages.NotSent);
        Assert.Equal((20, 20), (shop.MostAtOnce, result.Generator.MostUnanswered));
    }

    [Fact]
    public void A_run_that_is_stopped_says_what_there_was_until_then()
    {
        var world = new VirtualWorld();
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(5), world.Time);

        var result = world.Run(() => LoadRun.RunAsync(Plans.Pages(100, 20), new FakeShop(world), world.Time, cancellationToken: stop.Token));

        Assert.False(result.IsComplete);
        Assert.Equal(5, result.SendingSeconds, 0.01);
        Assert.InRange(Assert.Single(result.Actions).Answered, 400, 600);
    }

    [Fact]
    public void What_the_user_has_to_put_right_ends_the_run()
    {
        var world = new VirtualWorld();
        var shop = new FakeShop(world) { Delay = now => now > TimeSpan.FromSeconds(1) ? throw new InvalidOperationException("There is no catalog.") : FakeShop.Usual };

        Assert.Equal("There is no catalog.", Assert.Throws<InvalidOperationException>(() => world.Run(() => LoadRun.RunAsync(Plans.Pages(100, 20), shop, world.Time))).Message);
        Assert.InRange(world.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1.1));
    }

    [Fact]
    public void Progress_is_told_every_second()
    {
        var world = new VirtualWorld();
        var told = new List<LoadProgress>();

        var result = world.Run(() => LoadRun.RunAsync(Plans.Pages(100, 10), new FakeShop(world), world.Time, new Listener(told), CancellationToken.None));

        Assert.InRange(told.Count, 9, 10);
        Assert.Equal(told.Select(progress => progress.Done).Order(), told.Select(progress => progress.Done));
        Assert.Equal(0.5, told[4].Done, 0.01);
        Assert.Equal(TimeSpan.FromHours(12) + TimeSpan.FromSeconds(5), told[4].Time);
        Assert.InRange(told[4].Actions[0].Sent, 1, result.Actions[0].Sent);
    }

    private sealed class Listener(List<LoadProgress> told) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => told.Add(value);
    }
}
