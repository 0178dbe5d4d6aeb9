using System.Net;
using Eventide.Tools.Evidence;
using Eventide.Tools.Shops;

namespace Eventide.Tools.Demo;

/// <summary>
/// Places planned orders as customers do: it repeats a request under its Idempotency-Key until it is answered, and watches the order until it has ended.
/// </summary>
/// <param name="gate">Says how many orders may be under way.</param>
/// <param name="patience">How long an answer, and how long an order, may take.</param>
internal sealed class DemoDriver(ShopClient shop, OrderGate gate, TimeSpan patience)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(200);

    /// <summary>Drives orders, as many at a time as the gate lets in, and reports each one that has ended or whose time is over.</summary>
    public async Task<IReadOnlyList<DrivenOrder>> DriveAsync(IReadOnlyList<PlannedOrder> plans, Action<DrivenOrder> ended, CancellationToken cancellationToken)
    {
        var orders = new List<Task<DrivenOrder>>();
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        async Task<DrivenOrder> OneAsync(PlannedOrder plan)
        {
            try
            {
                var order = await DriveAsync(plan, failed.Token);
                ended(order);
                return order;
            }
            catch
            {
                await failed.CancelAsync();
                throw;
            }
            finally
            {
                gate.Leave();
            }
        }

        try
        {
            foreach (var (index, plan) in plans.Index())
            {
                await gate.EnterAsync(plans.Count - index, failed.Token);
                orders.Add(OneAsync(plan));
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // An order has failed, and says why.
        }

        return await Task.WhenAll(orders);
    }

    private async Task<DrivenOrder> DriveAsync(PlannedOrder plan, CancellationToken cancellationToken)
    {
        if (plan.FromBasket && shop.Has("basket"))
        {
            foreach (var line in plan.Request.Lines)
            {
                await Patience.AskAsync(() => shop.PutInBasketAsync(plan.CustomerId, line, cancellationToken), put => put, patience, cancellationToken);
            }
        }

        var placing = Enumerable.Range(0, plan.Kind == OrderKind.SubmittedTwice ? 2 : 1).Select(_ => PlaceAsync(plan, plan.Request, cancellationToken)).ToArray();
        var answers = await Task.WhenAll(placing);
        if (answers[0].Order is not { } accepted)
        {
            throw new ToolException($"The shop refused an order that is valid, with {(int)answers[0].Status}: {answers[0].Problem}");
        }

        gate.Accept();
        var order = new DrivenOrder(plan, accepted.Id, accepted.Total);
        order.See(accepted);
        foreach (var answer in answers[1..])
        {
            Compare(order, answer);
        }

        if (plan.Kind == OrderKind.SubmittedTwice)
        {
            await SubmitOtherBodyAsync(order, cancellationToken);
        }
        else if (plan.Kind == OrderKind.CancelledMidway)
        {
            await Task.Delay(plan.CancelAfter, cancellationToken);
            var answer = await PatientlyAsync(() => shop.CancelAsync(plan.CustomerId, order.Id, cancellationToken), cancellationToken);
            order.CancelAccepted = answer.Status == HttpStatusCode.Accepted;
        }

        await FollowAsync(order, cancellationToken);
        if (plan.Kind == OrderKind.SubmittedTwice)
        {
            var before = order.Sightings[^1];
            Compare(order, await PlaceAsync(plan, plan.Request, cancellationToken), before);
            await SubmitOtherBodyAsync(order, cancellationToken);
        }

        return order;
    }

    private async Task FollowAsync(DrivenOrder order, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < patience)
        {
            var answer = await PatientlyAsync(() => shop.FindOrderAsync(order.Plan.CustomerId, order.Id, cancellationToken), cancellationToken);
            if (answer.Order is { } seen)
            {
                order.See(seen);
                if (seen.IsTerminal)
                {
                    return;
                }
            }

            await Task.Delay(PollInterval, cancellationToken);
        }
    }

    private async Task SubmitOtherBodyAsync(DrivenOrder order, CancellationToken cancellationToken)
    {
        var other = order.Plan.Request with { Country = order.Plan.Request.Country == "DE" ? "FR" : "DE" };
        var answer = await PlaceAsync(order.Plan, other, cancellationToken);
        if (answer.Status != HttpStatusCode.UnprocessableEntity)
        {
            order.Note(new UnexpectedAnswer("422 for another order under the same Idempotency-Key", $"{(int)answer.Status}"));
        }
    }

    private static void Compare(DrivenOrder order, OrderAnswer answer, Sighting? unchanged = null)
    {
        if (answer.Order?.Id != order.Id)
        {
            order.Note(new UnexpectedAnswer($"202 and order {order.Id} for the same Idempotency-Key", $"{(int)answer.Status} and order {answer.Order?.Id ?? "none"}"));
        }
        else if (unchanged is not null && (answer.Order.State != unchanged.State || answer.Order.Version != unchanged.Version))
        {
            order.Note(new UnexpectedAnswer($"{unchanged} after the order was submitted once more", $"{answer.Order.State} version {answer.Order.Version}"));
        }
    }

    private Task<OrderAnswer> PlaceAsync(PlannedOrder plan, PlaceOrder request, CancellationToken cancellationToken) =>
        PatientlyAsync(() => shop.PlaceAsync(plan.CustomerId, plan.IdempotencyKey, request, cancellationToken), cancellationToken);

    /// <summary>Anything below 500 is an answer for good.</summary>
    private Task<OrderAnswer> PatientlyAsync(Func<Task<OrderAnswer>> ask, CancellationToken cancellationToken) =>
        Patience.AskAsync(ask, answer => (int)answer.Status < 500, patience, cancellationToken);
}
