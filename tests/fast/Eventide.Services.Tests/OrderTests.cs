using Eventide.Contracts;
using Eventide.Ordering.Domain;

namespace Eventide.Services.Tests;

public sealed class OrderTests
{
    private static readonly Order New =
        Order.Place("o-1", "ada", "hash", [new OrderLine("SKU-001", 3, 0.1m), new OrderLine("SKU-002", 2, 19.99m)], "tok_visa", "DE", DateTimeOffset.UnixEpoch);

    private static readonly Order Started = New.Begin();

    [Fact]
    public void The_total_is_exact() => Assert.Equal(40.28m, New.Total);

    [Fact]
    public void The_first_verdict_of_a_step_stands()
    {
        var decided = Done(Started, SagaStep.Stock, SagaStep.Payment);
        Assert.Same(decided, decided.Decide(SagaStep.Payment, StepResult.Refused, "declined"));
        Assert.Same(decided, decided.Decide(SagaStep.Stock, StepResult.Abandoned, "no answer in time"));
    }

    [Fact]
    public void Only_a_step_that_is_awaited_can_be_decided() =>
        Assert.All(Enum.GetValues<SagaStep>().Except([SagaStep.Stock]), step => Assert.Same(Started, Started.Decide(step, StepResult.Done, null)));

    [Fact]
    public void A_cancellation_wins_over_any_proposal_before_the_point_of_no_return()
    {
        var order = Done(Done(Started, SagaStep.Stock).RequestCancel(), SagaStep.Payment);
        Assert.Equal(StepResult.Abandoned, order.Verdicts[SagaStep.Payment].Result);
        Assert.Equal("cancelled by the customer", order.Reason);
        Assert.Equal([SagaStep.PaymentUndo, SagaStep.StockUndo], order.Awaited);
    }

    [Fact]
    public void A_refusal_stands_although_the_customer_cancelled_because_there_is_nothing_to_undo()
    {
        var order = Started.RequestCancel().Decide(SagaStep.Stock, StepResult.Refused, "out of stock");
        Assert.Equal((OrderState.Cancelled, "out of stock"), (order.State, order.Reason));
    }

    [Fact]
    public void After_the_shipment_is_booked_a_cancellation_is_refused()
    {
        var order = Done(Started, SagaStep.Stock, SagaStep.Payment, SagaStep.Shipment);
        Assert.Same(order, order.RequestCancel());
        Assert.False(order.CanBeCancelled);
    }

    [Fact]
    public void A_cancellation_while_the_order_is_undone_anyway_is_accepted() =>
        Assert.True(Done(Started, SagaStep.Stock).Decide(SagaStep.Payment, StepResult.Abandoned, "no answer in time").RequestCancel().CancelRequested);

    [Theory]
    [InlineData(StepResult.Refused, SagaStep.Stock, "")]
    [InlineData(StepResult.Abandoned, SagaStep.Stock, "StockUndo")]
    [InlineData(StepResult.Refused, SagaStep.Payment, "StockUndo")]
    [InlineData(StepResult.Abandoned, SagaStep.Payment, "PaymentUndo,StockUndo")]
    [InlineData(StepResult.Refused, SagaStep.Shipment, "PaymentUndo,StockUndo")]
    [InlineData(StepResult.Abandoned, SagaStep.Shipment, "ShipmentUndo,PaymentUndo,StockUndo")]
    public void Everything_before_a_step_is_undone_and_the_step_itself_unless_it_was_refused(StepResult result, SagaStep failing, string undone)
    {
        var order = Done(Started, [.. Enum.GetValues<SagaStep>().Where(step => step < failing)]).Decide(failing, result, "why");
        var asked = new List<SagaStep>();
        while (order.Awaited is [var step, ..])
        {
            asked.Add(step);
            order = Done(order, step);
        }

        Assert.Equal(undone, string.Join(',', asked));
        Assert.Equal((OrderState.Cancelled, "why"), (order.State, order.Reason));
    }

    [Fact]
    public void Money_and_stock_are_undone_side_by_side_but_after_the_shipment()
    {
        var order = Done(Started, SagaStep.Stock, SagaStep.Payment).Decide(SagaStep.Shipment, StepResult.Abandoned, "no answer in time");
        Assert.Equal([SagaStep.ShipmentUndo], order.Awaited);
        order = Done(order, SagaStep.ShipmentUndo);
        Assert.Equal([SagaStep.PaymentUndo, SagaStep.StockUndo], order.Awaited);
        Assert.Equal(order.Awaited, order.OpenedBy(SagaStep.ShipmentUndo));
        order = Done(order, SagaStep.StockUndo);
        Assert.Equal([SagaStep.PaymentUndo], order.Awaited);
        Assert.Empty(order.OpenedBy(SagaStep.StockUndo));
    }

    [Fact]
    public void An_order_that_has_ended_changes_no_more()
    {
        var ended = Done(Started, SagaStep.Stock, SagaStep.Payment, SagaStep.Shipment, SagaStep.Sale);
        Assert.Equal(OrderState.Confirmed, ended.State);
        Assert.Empty(ended.Awaited);
        Assert.All(Enum.GetValues<SagaStep>(), step => Assert.Same(ended, ended.Decide(step, StepResult.Abandoned, "late")));
        Assert.Same(ended, ended.RequestCancel());
        Assert.Same(ended, ended.Begin());
    }

    [Fact]
    public void Every_decision_raises_the_version_by_one_and_so_does_the_end()
    {
        Assert.Equal(1, Started.Version);
        var order = Done(Started, SagaStep.Stock).Decide(SagaStep.Payment, StepResult.Refused, "declined");
        order = Done(order, SagaStep.StockUndo);
        Assert.Equal([2, 3, 4, 5], order.Verdicts.Values.Select(verdict => verdict.Version).Order());
        Assert.Equal((5, 5), (order.Verdicts[SagaStep.End].Version, order.Version));
    }

    [Fact]
    public void An_order_keeps_its_payment_token_out_of_logs() => Assert.DoesNotContain("tok_visa", $"{New}");

    private static Order Done(Order order, params SagaStep[] steps) => steps.Aggregate(order, (current, step) => current.Decide(step, StepResult.Done, null));
}
