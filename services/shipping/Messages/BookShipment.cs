using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;

namespace Eventide.Shipping.Messages;

/// <summary>
/// Books once per order. The intent is written before the carrier is asked, so that an undo which comes in between knows that it has to ask the carrier too.
/// </summary>
internal sealed class BookShipment(DocumentStore store, ICarrier carrier, IEventPublisher publisher, TimeProvider time) : IEventHandler<ShipmentRequested>
{
    private const string TooLate = "the request came too late";

    public async Task HandleAsync(ShipmentRequested message, CancellationToken cancellationToken)
    {
        var isLate = time.GetUtcNow() > message.NotAfter;
        var intended = ShipmentRecord.Intend(message.OrderId);
        var record = await UpdateAsync(
            Document<ShipmentRecord>.Absent(ShipmentRecord.Key(message.OrderId)), current => current ?? (isLate ? intended.Answer(null, TooLate, time.GetUtcNow()) : intended),
            message, cancellationToken);
        if (record.State == ShipmentState.Intent)
        {
            var (booked, refusal) = await AskCarrierAsync(message, isLate, cancellationToken);
            record = await UpdateAsync(
                await store.ReadAsync<ShipmentRecord>(ShipmentRecord.Key(message.OrderId), cancellationToken),
                current => (current ?? intended).Answer(booked, refusal, time.GetUtcNow()), message, cancellationToken);
        }

        await (record.TrackingNumber is { } number
            ? publisher.PublishAsync(new ShipmentBooked(message.OrderId, number), cancellationToken, record.AnsweredAt)
            : publisher.PublishAsync(new ShipmentRejected(message.OrderId, record.Reason ?? "the shipment was cancelled"), cancellationToken, record.AnsweredAt));
    }

    /// <summary>A request that is too late begins nothing, and takes back what an earlier attempt may have begun.</summary>
    private async Task<(string? TrackingNumber, string? Refusal)> AskCarrierAsync(ShipmentRequested message, bool isLate, CancellationToken cancellationToken)
    {
        var key = ShipmentRecord.CarrierKey(message.OrderId);
        if (!isLate)
        {
            return await carrier.BookAsync(key, message.Country, cancellationToken);
        }

        await carrier.CancelAsync(key, cancellationToken);
        return (null, TooLate);
    }

    private Task<ShipmentRecord> UpdateAsync(
        Document<ShipmentRecord> seen, Func<ShipmentRecord?, ShipmentRecord> change, ShipmentRequested message, CancellationToken cancellationToken) =>
        store.UpdateAsync(seen, change, cancellationToken, record => record.TimeToLive(message.NotAfter, time.GetUtcNow()));
}
