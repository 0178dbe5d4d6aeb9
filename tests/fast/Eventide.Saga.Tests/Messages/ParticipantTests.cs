using Eventide.Contracts;
using Eventide.Payment.Domain;
using Eventide.Saga.Tests.Hosting;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Saga.Tests.Messages;

/// <summary>Payment and shipping with requests that come late or while an intent is open; no saga takes part.</summary>
public abstract class ParticipantTests(QuickShop quick)
{
    private static readonly DateTimeOffset Past = DateTimeOffset.UtcNow.AddMinutes(-1);
    private static readonly DateTimeOffset Future = DateTimeOffset.UtcNow.AddHours(1);

    private Shop Shop => quick.Shop;

    private IServiceProvider Payment => Shop["payment"].Services;

    private IServiceProvider Shipping => Shop["shipping"].Services;

    [Fact]
    public async Task A_payment_request_that_comes_too_late_captures_nothing()
    {
        await PublishAsync(Payment, new PaymentRequested("late-1", 10, "tok_visa", Past));
        Assert.Equal((PaymentState.Declined, "the request came too late"), await PaymentAsync("late-1"));
        Assert.Null(await StatementAsync("late-1"));
    }

    [Fact]
    public async Task A_payment_whose_intent_was_open_when_its_request_expired_is_taken_back()
    {
        await IntendAsync("late-2", captured: true);
        await PublishAsync(Payment, new PaymentRequested("late-2", 10, "tok_visa", Past));
        Assert.Equal((PaymentState.Declined, "the request came too late"), await PaymentAsync("late-2"));
        Assert.Equal(new PaymentStatement(10, 10), await StatementAsync("late-2"));
    }

    [Fact]
    public async Task A_refund_that_meets_an_intent_asks_the_provider_and_gives_back_what_was_captured()
    {
        await IntendAsync("undo-1", captured: true);
        await PublishAsync(Payment, new RefundRequested("undo-1"));
        Assert.Equal(PaymentState.Refunded, (await PaymentAsync("undo-1")).State);
        Assert.Equal(new PaymentStatement(10, 10), await StatementAsync("undo-1"));
    }

    [Fact]
    public async Task A_request_after_the_refund_of_its_intent_captures_nothing()
    {
        await IntendAsync("undo-2", captured: false);
        await PublishAsync(Payment, new RefundRequested("undo-2"));
        Assert.Equal(PaymentState.Refunded, (await PaymentAsync("undo-2")).State);
        await PublishAsync(Payment, new PaymentRequested("undo-2", 10, "tok_visa", Future));
        await Eventually.HoldsAsync(() => Published("undo-2", PaymentDeclined.Type), "the decline");
        Assert.Equal(new PaymentStatement(0, 0), await StatementAsync("undo-2"));
    }

    [Fact]
    public async Task A_provider_that_has_voided_a_key_captures_nothing_under_it()
    {
        var provider = Payment.GetRequiredService<IPaymentProvider>();
        Assert.Equal(0, await provider.VoidAsync("k", CancellationToken.None));
        Assert.NotNull(await provider.CaptureAsync("k", 10, "tok_visa", CancellationToken.None));
        Assert.Equal(new PaymentStatement(0, 0), await provider.FindStatementAsync("k", CancellationToken.None));
    }

    [Fact]
    public async Task A_shipment_request_that_comes_too_late_books_nothing()
    {
        await PublishAsync(Shipping, new ShipmentRequested("late-3", "DE", Past));
        await Eventually.HoldsAsync(async () => await ShipmentAsync("late-3") is { State: ShipmentState.Rejected, Reason: "the request came too late" }, "the refusal");
    }

    [Fact]
    public async Task A_cancellation_that_meets_an_intent_asks_the_carrier_who_then_books_nothing()
    {
        var key = ShipmentRecord.Key("undo-3");
        await Shipping.GetRequiredService<DocumentStore>().AddAsync(key, ShipmentRecord.Intend("undo-3"), CancellationToken.None);
        await PublishAsync(Shipping, new ShipmentCancelRequested("undo-3"));
        await Eventually.HoldsAsync(async () => await ShipmentAsync("undo-3") is { State: ShipmentState.Cancelled }, "the cancellation");
        var (number, refusal) = await Shipping.GetRequiredService<ICarrier>().BookAsync(ShipmentRecord.CarrierKey("undo-3"), "DE", CancellationToken.None);
        Assert.Null(number);
        Assert.NotNull(refusal);
    }

    [Fact]
    public void An_answer_keeps_the_time_at_which_it_was_given()
    {
        var later = Future.AddMinutes(1);
        Assert.Equal(Future, PaymentRecord.Intend("o", 10).Answer(null, Future).Answer(null, later).AnsweredAt);
        Assert.Equal(Future, PaymentRecord.Undo(PaymentRecord.Intend("o", 10).Answer(null, Future), "o", 10).AnsweredAt);
        Assert.Equal(Future, ShipmentRecord.Intend("o").Answer("EV1", null, Future).Answer("EV1", null, later).AnsweredAt);
    }

    [Fact]
    public void What_binds_is_kept_for_ever_and_refusals_and_undos_longer_than_their_request_can_come_again()
    {
        var (now, end) = (Future, Future.AddMinutes(20));
        var intent = PaymentRecord.Intend("o", 10);
        Assert.Null(intent.TimeToLive(end, now));
        Assert.Null(intent.Answer(null, now).TimeToLive(end, now));
        Assert.Equal(TimeSpan.FromMinutes(30), intent.Answer("declined", now).TimeToLive(end, now));
        Assert.Equal(TimeSpan.FromMinutes(10), intent.Answer("declined", now).TimeToLive(now.AddHours(-1), now));
        Assert.Equal(RequestLifetime.Longest + RequestLifetime.Grace, PaymentRecord.Undo(null, "o", 0).TimeToLive(null, now));

        var shipment = ShipmentRecord.Intend("o");
        Assert.Null(shipment.TimeToLive(end, now));
        Assert.Null(shipment.Answer("EV1", null, now).TimeToLive(end, now));
        Assert.Equal(TimeSpan.FromMinutes(30), shipment.Answer(null, "no", now).TimeToLive(end, now));
        Assert.Equal(RequestLifetime.Longest + RequestLifetime.Grace, ShipmentRecord.Undo(null, "o").TimeToLive(null, now));
    }

    private static Task PublishAsync<TEvent>(IServiceProvider service, TEvent message) where TEvent : IOrderEvent =>
        service.GetRequiredService<EventPublisher>().PublishAsync(message, CancellationToken.None);

    private async Task IntendAsync(string order, bool captured)
    {
        await Payment.GetRequiredService<DocumentStore>().AddAsync(PaymentRecord.Key(order), PaymentRecord.Intend(order, 10), CancellationToken.None);
        if (captured)
        {
            Assert.Null(await Payment.GetRequiredService<IPaymentProvider>().CaptureAsync(PaymentRecord.ProviderKey(order), 10, "tok_visa", CancellationToken.None));
        }
    }

    /// <summary>The record when it is decided.</summary>
    private async Task<(PaymentState State, string? Reason)> PaymentAsync(string order)
    {
        PaymentRecord? record = null;
        await Eventually.HoldsAsync(async () => (record = await Payment.GetRequiredService<DocumentStore>()
            .GetAsync<PaymentRecord>(PaymentRecord.Key(order), CancellationToken.None)) is { State: not PaymentState.Intent }, $"the payment of {order}");
        return (record!.State, record.Reason);
    }

    private Task<PaymentStatement?> StatementAsync(string order) =>
        Payment.GetRequiredService<IPaymentProvider>().FindStatementAsync(PaymentRecord.ProviderKey(order), CancellationToken.None);

    private Task<ShipmentRecord?> ShipmentAsync(string order) =>
        Shipping.GetRequiredService<DocumentStore>().GetAsync<ShipmentRecord>(ShipmentRecord.Key(order), CancellationToken.None);

    private bool Published(string order, string type) => Shop.Faults.EventsOf(order).Any(published => published.Type == type);
}

/// <summary>Each service an app of its own.</summary>
public sealed class ServicesParticipantTests(QuickServices quick) : ParticipantTests(quick);

/// <summary>All modules in one process.</summary>
public sealed class MonolithParticipantTests(QuickMonolith quick) : ParticipantTests(quick);
