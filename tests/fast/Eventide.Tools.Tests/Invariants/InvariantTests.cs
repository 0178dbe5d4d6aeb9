using Eventide.Contracts;
using Eventide.Tools.Evidence;
using Eventide.Tools.Invariants;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Tests.Invariants;

/// <summary>Every invariant can fail: evidence that is right except for one thing, and the violation that names it.</summary>
public sealed class InvariantTests
{
    [Fact]
    public void Sound_evidence_has_no_violation() => Assert.Empty(InvariantChecks.Run(FabricatedShop.Sound()));

    [Fact]
    public void Every_invariant_of_the_design_is_checked() => Assert.Equal(
        Enumerable.Range(1, 10).Select(number => $"I{number}"), InvariantChecks.All.Select(invariant => invariant.Name).Where(name => name.StartsWith('I')));

    [Fact]
    public void An_order_that_did_not_end_is_a_violation_of_I1() => AssertViolation<EndsOnce>(
        FabricatedShop.WithConfirmed(order => order with { Order = order.Order! with { State = "Started" } }), "o-confirmed", "Confirmed or Cancelled", "Started");

    [Fact]
    public void An_accepted_order_that_is_gone_is_a_violation_of_I1() => AssertViolation<EndsOnce>(
        FabricatedShop.WithConfirmed(order => order with { Order = null }), "o-confirmed", "Confirmed or Cancelled", "no order of that id");

    [Fact]
    public void Two_ends_in_the_event_log_are_a_violation_of_I1() => AssertViolation<EndsOnce>(
        FabricatedShop.WithConfirmed(order => order.WithEvents(events => events.Append(FabricatedShop.Event("o-confirmed.v7", OrderCancelled.Type, Topics.Orders, 7)))),
        "o-confirmed", "one end", "Confirmed and Cancelled");

    [Fact]
    public void Money_kept_for_a_cancelled_order_is_a_violation_of_I2() => AssertViolation<MoneyIsRight>(
        FabricatedShop.WithCancelled(order => order with { Payment = order.Payment! with { Provider = new StatementView(20m, 0m) } }),
        "o-declined", "0.00 kept by the provider", "20.00 captured, 0.00 refunded");

    [Fact]
    public void A_second_capture_is_a_violation_of_I2_even_when_it_was_refunded() => AssertViolation<MoneyIsRight>(
        FabricatedShop.WithConfirmed(order => order with { Payment = order.Payment! with { Provider = new StatementView(40m, 20m) } }),
        "o-confirmed", "at most one capture of 20.00", "40.00 captured");

    [Fact]
    public void A_payment_record_that_disagrees_with_the_order_is_a_violation_of_I2() => AssertViolation<MoneyIsRight>(
        FabricatedShop.WithConfirmed(order => order with { Payment = order.Payment! with { State = "Intent" } }), "o-confirmed", "20.00 recorded by payment", "Intent 20.00");

    [Fact]
    public void Another_total_than_was_accepted_is_a_violation_of_I2() => AssertViolation<MoneyIsRight>(
        FabricatedShop.WithCancelled(order => order with { Order = order.Order! with { Total = 21m } }), "o-declined", "the total of 20.00 that was accepted", "21.00");

    [Fact]
    public void Negative_stock_is_a_violation_of_I3() => AssertViolation<StockIsConserved>(
        FabricatedShop.WithStock(level => level with { Initial = 5, Available = -2 }), FabricatedShop.Sku, "available ≥ 0", "-2");

    [Fact]
    public void Lost_stock_is_a_violation_of_I3() => AssertViolation<StockIsConserved>(
        FabricatedShop.WithStock(level => level with { Available = 92 }), FabricatedShop.Sku, "available + reserved + sold = 100", "92 + 0 + 7");

    [Fact]
    public void Stock_that_stays_reserved_is_a_violation_of_I3() => AssertViolation<StockIsConserved>(
        FabricatedShop.WithStock(level => level with { Available = 92, Reserved = 1 }), FabricatedShop.Sku, "nothing reserved at rest", "1 reserved");

    [Fact]
    public void A_sale_that_nobody_bought_is_a_violation_of_I3() => AssertViolation<StockIsConserved>(
        FabricatedShop.WithStock(level => level with { Available = 91, Sold = 9 }), FabricatedShop.Sku, "2 sold, as confirmed orders bought", "4 sold");

    [Fact]
    public void A_reservation_that_outlives_its_order_is_a_violation_of_I4() => AssertViolation<CancelledIsUndone>(
        FabricatedShop.WithCancelled(order => order with { Reservation = order.Reservation! with { State = "Reserved" } }),
        "o-declined", "reservation none or Rejected or Released for a cancelled order", "Reserved");

    [Fact]
    public void A_shipment_of_a_cancelled_order_is_a_violation_of_I4() => AssertViolation<CancelledIsUndone>(
        FabricatedShop.WithCancelled(order => order with { Shipment = new ShipmentView(order.Id, "Booked", "EV2", null) }),
        "o-declined", "shipment none or Rejected or Cancelled for a cancelled order", "Booked");

    [Fact]
    public void A_confirmed_order_without_its_sale_is_a_violation_of_I4() => AssertViolation<CancelledIsUndone>(
        FabricatedShop.WithConfirmed(order => order with { Reservation = order.Reservation! with { State = "Reserved" } }),
        "o-confirmed", "reservation Sold for a confirmed order", "Reserved");

    [Fact]
    public void A_refund_of_more_than_was_captured_is_a_violation_of_I4() => AssertViolation<CancelledIsUndone>(
        FabricatedShop.WithCancelled(order => order with { Payment = order.Payment! with { Provider = new StatementView(20m, 40m) } }), "o-declined", "at most 20.00 refunded", "40.00");

    [Fact]
    public void A_capture_without_a_reservation_is_a_violation_of_I5() => AssertViolation<StepsInOrder>(
        FabricatedShop.WithConfirmed(order => order.WithEvents(events => events.Where(entry => entry.Type != StockReserved.Type))),
        "o-confirmed", $"{StockReserved.Type} before {PaymentCaptured.Type}", $"no {StockReserved.Type}");

    [Fact]
    public void A_booking_before_the_capture_is_a_violation_of_I5() => AssertViolation<StepsInOrder>(
        FabricatedShop.WithConfirmed(order => order.WithEvents(events => events.Select(entry =>
            entry.Type == PaymentCaptured.Type ? entry with { Time = entry.Time!.Value.AddSeconds(5) } : entry))),
        "o-confirmed", $"{PaymentCaptured.Type} before {ShipmentBooked.Type}", $"{PaymentCaptured.Type} 3000 ms after it");

    [Fact]
    public void A_change_after_the_end_is_a_violation_of_I6()
    {
        var shop = FabricatedShop.Sound();
        shop.Orders[0].Driven.See(shop.Orders[0].Order! with { State = OrderView.Cancelled, Version = 5 });

        AssertViolation<OnlyLegalChanges>(shop, "o-confirmed", "after Cancelled version 5 nothing else", "Confirmed version 6");
    }

    [Fact]
    public void A_version_that_falls_is_a_violation_of_I6()
    {
        var shop = FabricatedShop.Sound();
        shop.Orders[0].Driven.See(shop.Orders[0].Order! with { State = "Started", Version = 2 });

        AssertViolation<OnlyLegalChanges>(shop, "o-confirmed", "after Started version 3 a later state", "Started version 2");
    }

    [Fact]
    public void A_step_that_was_skipped_is_a_violation_of_I6() => AssertViolation<OnlyLegalChanges>(
        FabricatedShop.WithConfirmed(order => order.WithSteps((Steps.Stock, Steps.Done), (Steps.Payment, Steps.Done), (Steps.Sale, Steps.Done), (Steps.End, Steps.Done))),
        "o-confirmed", "a confirmed order to have decided Shipment", "only Stock, Payment, Sale, End");

    [Fact]
    public void A_sale_in_a_cancelled_order_is_a_violation_of_I6() => AssertViolation<OnlyLegalChanges>(
        FabricatedShop.WithCancelled(order => order.WithSteps((Steps.Stock, Steps.Done), (Steps.Payment, "declined"), (Steps.Sale, Steps.Done), (Steps.End, "cancelled"))),
        "o-declined", "no Sale in a cancelled order that reached Payment", Steps.Done);

    [Fact]
    public void A_cancelled_order_in_which_nothing_went_wrong_is_a_violation_of_I6() => AssertViolation<OnlyLegalChanges>(
        FabricatedShop.WithCancelled(order => order.WithSteps((Steps.Stock, Steps.Done), (Steps.Payment, Steps.Done), (Steps.Shipment, Steps.Done), (Steps.End, "cancelled"))),
        "o-declined", "a step of a cancelled order not done", "all done");

    [Fact]
    public void A_change_without_an_event_is_a_violation_of_I7() => AssertViolation<EveryChangeHasItsEvent>(
        FabricatedShop.WithConfirmed(order => order.WithEvents(events => events.Where(entry => entry.Id != "o-confirmed.v3"))),
        "o-confirmed", $"event o-confirmed.v3 of type {OrderProgressed.Type}", "no such event");

    [Fact]
    public void An_event_without_a_change_is_a_violation_of_I7() => AssertViolation<EveryChangeHasItsEvent>(
        FabricatedShop.WithConfirmed(order => order.WithEvents(events => events.Append(FabricatedShop.Event("o-confirmed.v7", OrderProgressed.Type, Topics.OrderProgress, 7)))),
        "o-confirmed", "versions 1 to 6 with ids of their own", "event o-confirmed.v7 of version 7");

    [Fact]
    public void An_event_id_that_does_not_follow_from_order_and_type_is_a_violation_of_I7() => AssertViolation<EveryChangeHasItsEvent>(
        FabricatedShop.WithConfirmed(order => order.WithEvents(events => events.Append(FabricatedShop.Event("something", StockSold.Type, Topics.Inventory)))),
        "o-confirmed", "event o-confirmed.stock-sold", $"event something of type {StockSold.Type}");

    [Fact]
    public void A_second_order_under_the_same_key_is_a_violation_of_I8()
    {
        var shop = FabricatedShop.Sound();
        shop.Orders[0].Driven.Note(new UnexpectedAnswer("202 and order o-confirmed", "202 and order o-other"));

        AssertViolation<ReplayChangesNothing>(shop, "o-confirmed", "202 and order o-confirmed", "202 and order o-other");
    }

    [Fact]
    public void Stock_that_a_replayed_message_moves_is_a_violation_of_I8()
    {
        var shop = FabricatedShop.WithStock(level => level with { Available = 91, Sold = 9, Version = 13 }) with { BeforeReplay = FabricatedShop.Sound() };

        var violation = Assert.Single(new ReplayChangesNothing().Check(shop));
        Assert.Equal((FabricatedShop.Sku, "I8"), (violation.Subject, violation.Invariant));
    }

    [Fact]
    public void A_second_capture_by_a_replayed_message_is_a_violation_of_I8()
    {
        var shop = FabricatedShop.WithConfirmed(order => order with { Payment = order.Payment! with { Provider = new StatementView(40m, 0m) } });

        var violation = Assert.Single(new ReplayChangesNothing().Check(shop with { BeforeReplay = FabricatedShop.Sound() }));
        Assert.Equal(("o-confirmed", "I8"), (violation.Subject, violation.Invariant));
    }

    [Fact]
    public void A_new_event_after_a_replay_is_a_violation_of_I8() => AssertViolation<ReplayChangesNothing>(
        FabricatedShop.WithCancelled(order => order.WithEvents(events => events.Append(
            FabricatedShop.Event("o-declined.stock-rejected", StockRejected.Type, Topics.Inventory)))) with
        { BeforeReplay = FabricatedShop.Sound() },
        "o-declined", "no new event after a replay", $"o-declined.stock-rejected of type {StockRejected.Type}");

    [Fact]
    public void A_read_model_that_is_behind_is_a_violation_of_I9() => AssertViolation<ReadModelsFollow>(
        FabricatedShop.WithConfirmed(order => order with { Timeline = order.Timeline! with { State = "InProgress", LastVersion = 5, Gaps = [4] } }),
        "o-confirmed", "operations to show Confirmed version 6 without gaps", "operations to show InProgress version 5 without versions 4");

    [Fact]
    public void A_catalog_that_shows_other_stock_is_a_violation_of_I9() => AssertViolation<ReadModelsFollow>(
        FabricatedShop.Sound() with { Products = [new ProductView(FabricatedShop.Sku, 95)] }, FabricatedShop.Sku, "catalog to show 93 available", "95");

    [Fact]
    public void A_basket_that_still_holds_what_was_ordered_is_a_violation_of_I9_and_I10()
    {
        var shop = FabricatedShop.WithConfirmed(order => order with { Cart = new CartView([new CartItemView(FabricatedShop.Sku, 2)]) });

        AssertViolation<ReadModelsFollow>(shop, "o-confirmed", "an empty basket", "2 SKU-001");
        AssertViolation<NothingUnexplained>(shop, "o-confirmed", "basket to have handled o-confirmed.v1, or a dead letter", "neither");
    }

    [Fact]
    public void A_request_that_its_participant_never_saw_is_a_violation_of_I10() => AssertViolation<NothingUnexplained>(
        FabricatedShop.WithCancelled(order => order with { Payment = order.Payment! with { State = "Declined" } }),
        "o-declined", "payment to have handled o-declined.refund-requested, or a dead letter", "neither");

    [Fact]
    public void A_customer_who_was_not_told_is_a_violation_of_I10() => AssertViolation<NothingUnexplained>(
        FabricatedShop.WithConfirmed(order => order with { Notices = [.. order.Notices.Where(notice => notice.Name != "order-confirmed")] }),
        "o-confirmed", "notification to have handled o-confirmed.v6, or a dead letter", "neither");

    [Fact]
    public void A_dead_letter_explains_a_message_that_was_not_handled()
    {
        var shop = FabricatedShop.WithConfirmed(order => order with { Notices = [.. order.Notices.Where(notice => notice.Name != "order-confirmed")] });

        Assert.Empty(new NothingUnexplained().Check(shop with { DeadLetters = [new DeadLetterView("notification", Topics.Orders, "o-confirmed.v6", "poison")] }));
        Assert.Single(new NothingUnexplained().Check(shop with { DeadLetters = [new DeadLetterView("inventory", Topics.Orders, "o-confirmed.v6", "poison")] }));
    }

    [Fact]
    public void A_request_that_came_too_late_is_explained_by_its_time()
    {
        var shop = FabricatedShop.WithCancelled(order => order with { Payment = null });
        var late = shop.At.AddSeconds(-1);
        shop = shop with { Orders = [shop.Orders[0], shop.Orders[1].WithEvents(_ => [FabricatedShop.Event("o-declined.payment-requested", PaymentRequested.Type, Topics.PaymentRequests, data: new { notAfter = late })])] };

        Assert.DoesNotContain(new NothingUnexplained().Check(shop), violation => violation.Expected.Contains("payment-requested", StringComparison.Ordinal));
        Assert.Contains(new NothingUnexplained().Check(shop with { At = late.AddSeconds(-1) }), violation => violation.Expected.Contains("payment-requested", StringComparison.Ordinal));
    }

    [Fact]
    public void An_order_that_was_confirmed_after_its_cancellation_was_accepted_breaks_a_promise()
    {
        var shop = FabricatedShop.Sound();
        shop.Orders[0].Driven.CancelAccepted = true;

        AssertViolation<PromisesAreKept>(shop, "o-confirmed", "Cancelled, because its cancellation was accepted", "Confirmed");
    }

    [Fact]
    public void An_order_that_was_cancelled_although_nothing_speaks_against_it_breaks_a_promise() => AssertViolation<PromisesAreKept>(
        FabricatedShop.WithConfirmed(order => order with { Order = order.Order! with { State = OrderView.Cancelled, Reason = "no answer in time" } }),
        "o-confirmed", "Confirmed, because nothing speaks against it", "Cancelled (no answer in time)");

    private static void AssertViolation<TInvariant>(ShopEvidence shop, string subject, string expected, string found) where TInvariant : IInvariant, new()
    {
        var invariant = new TInvariant();
        Assert.Equal(new Violation(subject, invariant.Name, expected, found), Assert.Single(invariant.Check(shop)));
    }
}
