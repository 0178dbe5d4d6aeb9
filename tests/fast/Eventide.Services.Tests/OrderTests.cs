using Eventide.Contracts;
using Eventide.Ordering.Domain;

namespace Eventide.Services.Tests;

public sealed class OrderTests
{
    private static readonly Order New = new(
        "o-1", "ada", "hash", [new OrderLine("SKU-001", 1, 10m)], 10m, "tok", "DE", OrderState.New, 1, false, null, DateTimeOffset.UnixEpoch,
        new Dictionary<SagaStep, Verdict>());

    [Fact]
    public void The_first_verdict_of_a_step_stands()
    {
        var decided = New.Begin().Decide(SagaStep.Payment, Order.Done);
        Assert.Same(decided, decided.Decide(SagaStep.Payment, "declined"));
    }

    [Fact]
    public void A_cancellation_wins_over_any_proposal_before_the_point_of_no_return()
    {
        var order = New.Begin().Decide(SagaStep.Stock, Order.Done).RequestCancel().Decide(SagaStep.Payment, Order.Done);
        Assert.False(order.Verdicts[SagaStep.Payment].IsDone);
        Assert.Equal("cancelled by the customer", order.Reason);
    }

    [Fact]
    public void After_the_shipment_is_booked_a_cancellation_is_refused()
    {
        var order = New.Begin().Decide(SagaStep.Stock, Order.Done).Decide(SagaStep.Payment, Order.Done).Decide(SagaStep.Shipment, Order.Done);
        Assert.Same(order, order.RequestCancel());
        Assert.False(order.CanBeCancelled);
    }

    [Fact]
    public void An_order_that_has_ended_changes_no_more()
    {
        var ended = New.Begin().Decide(SagaStep.End, "cancelled");
        Assert.Equal(OrderState.Cancelled, ended.State);
        Assert.Same(ended, ended.Decide(SagaStep.Sale, Order.Done));
        Assert.Same(ended, ended.RequestCancel());
        Assert.Same(ended, ended.Begin());
    }

    [Fact]
    public void Every_decision_raises_the_version_by_one_and_keeps_it()
    {
        var order = New.Begin();
        Assert.Equal(1, order.Version);
        order = order.Decide(SagaStep.Stock, Order.Done).Decide(SagaStep.Payment, "declined");
        Assert.Equal((2, 3, 3), (order.Verdicts[SagaStep.Stock].Version, order.Verdicts[SagaStep.Payment].Version, order.Version));
    }
}
