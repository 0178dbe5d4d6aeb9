using Dapr.Workflow;
using Eventide.Ordering.Domain;

namespace Eventide.Ordering.Saga;

/// <summary>
/// Fulfils one order: stock, payment, shipment, sale; whatever is refused, times out or is cancelled undoes every step before it. The workflow only asks and
/// waits; what is decided stands in the order document, so after any crash, repetition or fresh start the saga finds its way by the verdicts.
/// </summary>
internal sealed class OrderSaga : Workflow<string, string>
{
    // Rounds of waiting before the history is cut: it must not grow while a participant is away for days.
    private const int RoundsPerHistory = 20;

    public override async Task<string> RunAsync(WorkflowContext context, string orderId)
    {
        var progress = await Durably(context, () => context.CallActivityAsync<SagaProgress>(nameof(BeginOrder), orderId));
        if (progress.IsTerminal)
        {
            return progress.State;
        }

        var cancelled = false;
        foreach (var step in (SagaStep[])[SagaStep.Stock, SagaStep.Payment, SagaStep.Shipment])
        {
            if (progress.Verdicts.GetValueOrDefault(step) is not { } verdict)
            {
                var reply = await AskAsync(context, progress, step, progress.Attempts);
                verdict = await DecideAsync(context, orderId, step, reply?.Outcome ?? "no answer in time");
            }

            progress.Verdicts[step] = verdict;
            if (verdict != Order.Done)
            {
                cancelled = true;
                break;
            }
        }

        // Undo is asked for until it is answered; so is the sale, which nobody can refuse.
        var remaining = cancelled ? UndoOf(progress) : [[SagaStep.Sale]];
        foreach (var together in remaining)
        {
            var answers = await Task.WhenAll(together.Where(step => !progress.Verdicts.ContainsKey(step)).Select(step => UntilAnsweredAsync(context, progress, step)));
            if (answers.Contains(false))
            {
                context.ContinueAsNew(orderId);
                return "continues";
            }
        }

        return await DecideAsync(context, orderId, SagaStep.End, cancelled ? "cancelled" : Order.Done);
    }

    /// <summary>The shipment first, because goods on the way are not for sale; then money and stock side by side, so that neither waits for the other.</summary>
    private static SagaStep[][] UndoOf(SagaProgress progress)
    {
        var verdicts = progress.Verdicts;
        return
        [
            verdicts.ContainsKey(SagaStep.Shipment) ? [SagaStep.ShipmentUndo] : [],
            verdicts.ContainsKey(SagaStep.Payment) ? [SagaStep.PaymentUndo, SagaStep.StockUndo] : [SagaStep.StockUndo],
        ];
    }

    private async Task<bool> UntilAnsweredAsync(WorkflowContext context, SagaProgress progress, SagaStep step)
    {
        if (await AskAsync(context, progress, step, RoundsPerHistory) is null)
        {
            return false;
        }

        await DecideAsync(context, progress.OrderId, step, Order.Done);
        return true;
    }

    private async Task<StepReply?> AskAsync(WorkflowContext context, SagaProgress progress, SagaStep step, int attempts)
    {
        for (var attempt = 0; attempt < attempts; attempt++)
        {
            await Durably(context, () => context.CallActivityAsync<bool>(nameof(SendRequest), new StepRequest(progress.OrderId, step)));
            try
            {
                return await context.WaitForExternalEventAsync<StepReply>(step.ToString(), progress.RepeatAfter);
            }
            catch (TaskCanceledException)
            {
                // No answer yet: the request goes out again under the same event id.
            }
        }

        return null;
    }

    private static Task<string> DecideAsync(WorkflowContext context, string orderId, SagaStep step, string proposal) =>
        Durably(context, () => context.CallActivityAsync<string>(nameof(Advance), new Proposal(orderId, step, proposal)));

    /// <summary>The saga cannot fail: an activity that does is called again, after 1 s doubling to 5 min.</summary>
    private static async Task<T> Durably<T>(WorkflowContext context, Func<Task<T>> call)
    {
        for (var delay = TimeSpan.FromSeconds(1); ; delay = delay * 2 < TimeSpan.FromMinutes(5) ? delay * 2 : TimeSpan.FromMinutes(5))
        {
            try
            {
                return await call();
            }
            catch (WorkflowTaskFailedException)
            {
                await context.CreateTimer(delay);
            }
        }
    }
}
