using System.Text;
using Eventide.Operations.Domain;

namespace Eventide.Operations.Tests;

/// <summary>What can become of a dead letter when things happen at the same time or stop half-way.</summary>
public sealed class DeadLetterStateTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DeadLetter Waiting = Of("payment", "orders", """{"id":"e-1"}""");
    private static readonly DeadLetterAction Redriven = new("redriven", Now, "ada", null, null);

    [Fact]
    public void The_id_follows_from_app_topic_event_and_bytes()
    {
        Assert.Equal(Waiting.Id, Of("payment", "orders", """{"id":"e-1"}""").Id);
        string[] others =
        [
            Of("shipping", "orders", """{"id":"e-1"}""").Id, Of("payment", "payments", """{"id":"e-1"}""").Id,
            Of("payment", "orders", """{"id":"e-2"}""").Id, Of("payment", "orders", """{"id":"e-1" }""").Id,
        ];
        Assert.DoesNotContain(Waiting.Id, others);
        Assert.Equal(others.Length, others.Distinct().Count());
    }

    [Fact]
    public void One_that_comes_back_before_its_redrive_has_ended_waits_again()
    {
        var back = Waiting.BeginRedrive(Redriven).Arrive(Now);
        Assert.Equal(DeadLetterState.Waiting, back.EndRedrive().State);
        Assert.Equal(["arrived", "redriven", "came back"], back.History.Select(action => action.What));
    }

    [Fact]
    public void A_redrive_that_stopped_half_way_goes_on_and_is_noted_once()
    {
        var halfWay = Waiting.BeginRedrive(Redriven);
        Assert.Same(halfWay, halfWay.BeginRedrive(Redriven));
        Assert.Equal(DeadLetterState.Redriven, halfWay.EndRedrive().State);
        Assert.Equal(2, halfWay.EndRedrive().History.Count);
    }

    [Fact]
    public void What_is_dealt_with_stays_so_until_it_arrives_again()
    {
        var done = Waiting.BeginRedrive(Redriven).EndRedrive();
        Assert.Same(done, done.BeginRedrive(Redriven));
        Assert.Same(done, done.Discard(new DeadLetterAction("discarded", Now, "ada", "x", null)));
        var discarded = Waiting.Discard(new DeadLetterAction("discarded", Now, "ada", "x", null));
        Assert.Same(discarded, discarded.BeginRedrive(Redriven));
        Assert.Equal(DeadLetterState.Waiting, discarded.Arrive(Now).State);
    }

    [Fact]
    public void Only_an_arrival_that_waits_already_changes_nothing() => Assert.Same(Waiting, Waiting.Arrive(Now));

    private static DeadLetter Of(string app, string topic, string payload) =>
        DeadLetter.Of(app, topic, Encoding.UTF8.GetBytes(payload), new Dictionary<string, string>(), Now);
}
