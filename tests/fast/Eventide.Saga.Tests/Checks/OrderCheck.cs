using System.Text.Json;
using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Inventory.Domain;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Saga;
using Eventide.Payment.Domain;
using Eventide.Saga.Tests.Faults;
using Eventide.Saga.Tests.Hosting;
using Eventide.Saga.Tests.Matrix;
using Eventide.ServiceDefaults.State;
using Eventide.Shipping.Domain;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Saga.Tests.Checks;

/// <summary>Checks one order against the invariants, from the services' own documents and everything that was published.</summary>
internal sealed class OrderCheck(Shop shop, string key)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(300);
    private readonly string _id = Shop.IdOf(key);

    private OrderFaults Faults => shop.Faults.Of(_id);

    /// <summary>Waits for the end of the order, then for silence, and checks I1, I2 and I4 to I7.</summary>
    public async Task<OrderStatus> EndedWellAsync()
    {
        OrderStatus? order = null;
        await Eventually.HoldsAsync(async () => (order = await shop.FindAsync(_id)) is { IsTerminal: true }, async () => $"{key} to end; it is {await DescribeAsync()}");
        Faults.End();

        // The document can end before the saga has said so: an activity that failed to is repeated after a while.
        await Eventually.HoldsAsync(SagaHasEndedAsync, $"the saga of {key} to complete");
        await Eventually.HoldsAsync(() => Faults.IsQuietFor(Quiet), $"{key} to come to rest");
        var evidence = await ReadAsync();
        try
        {
            OrderInvariants.Check(evidence, shop.Faults.EventsOf(_id), shop.Faults.AttemptsOf(_id));
        }
        catch (Exception failure)
        {
            throw new InvalidOperationException(
                $"{key} (EVENTIDE_SEED={Shop.Seed}): {failure.Message}\n{evidence}\n{string.Join('\n', shop.Faults.EventsOf(_id).Select(published => $"{published.Id} {published.Json}"))}", failure);
        }

        return order!;
    }

    /// <summary>I8: publishes every event of the order once more and lets every activity run once more, late and with other proposals.</summary>
    public async Task ReplayChangesNothingAsync()
    {
        var before = await ReadAsync();
        var events = shop.Faults.EventsOf(_id).DistinctBy(published => published.Id).ToList();
        await Task.WhenAll(events.Select(async published =>
        {
            var handled = HandledBy(published.Type).Select(point => (Point: point, Times: Faults.Completed(point))).ToList();
            await published.Republish();
            await Eventually.HoldsAsync(() => handled.All(entry => Faults.Completed(entry.Point) > entry.Times), $"{key}: {published.Id} to be handled again");
        }));

        foreach (var step in StepRoute.Of.Keys)
        {
            foreach (var result in Enum.GetValues<StepResult>())
            {
                await SagaActivities.RunAsync<Advance, Proposal, SagaPosition>(shop, new Proposal(_id, step, new StepReply(result, "late")));
            }

            await SagaActivities.RunAsync<RepeatRequest, StepRequest, StepReply?>(shop, new StepRequest(_id, step));
        }

        await SagaActivities.RunAsync<BeginOrder, string, SagaStart>(shop, _id);
        await Eventually.HoldsAsync(() => Faults.IsQuietFor(Quiet), $"{key} to come to rest after the replay");
        Assert.Equal(before.ToString(), (await ReadAsync()).ToString());
        OrderInvariants.CheckReplay(events, shop.Faults.EventsOf(_id));
    }

    private static IEnumerable<string> HandledBy(string type) => Subscriptions.All
        .Where(subscription => subscription.Types.Contains(type) && Module.All.Any(module => module.App == subscription.App && subscription.App != "catalog"))
        .Select(subscription => Points.Handle(subscription.App, type));

    private async Task<bool> SagaHasEndedAsync()
    {
        try
        {
            return await shop["ordering"].Services.GetRequiredService<DaprWorkflowClient>().GetWorkflowStateAsync(_id, false) is not { IsWorkflowCompleted: false };
        }
        catch (RpcException)
        {
            return false;
        }
    }

    private async Task<Evidence> ReadAsync() => new(
        await FindAsync<Order>("ordering", Order.Key(_id)), await FindAsync<Reservation>("inventory", Reservation.Key(_id)),
        await FindAsync<PaymentRecord>("payment", PaymentRecord.Key(_id)), await FindAsync<ShipmentRecord>("shipping", ShipmentRecord.Key(_id)),
        await shop["payment"].Services.GetRequiredService<IPaymentProvider>().FindStatementAsync(PaymentRecord.ProviderKey(_id), CancellationToken.None));

    private Task<T?> FindAsync<T>(string app, string documentKey) where T : class =>
        shop[app].Services.GetRequiredService<DocumentStore>().GetAsync<T>(documentKey, CancellationToken.None);

    private async Task<string> DescribeAsync() => await shop.FindAsync(_id) is { } order ? $"{order.State}, {string.Join(", ", order.Steps)}" : "not there";
}

/// <summary>What the services and the provider say about one order.</summary>
internal sealed record Evidence(Order? Order, Reservation? Reservation, PaymentRecord? Payment, ShipmentRecord? Shipment, PaymentStatement? Money)
{
    public override string ToString() => JsonSerializer.Serialize(this);
}
