using Dapr.Workflow;
using Eventide.Ordering.Domain;

namespace Eventide.Ordering.Saga;

/// <summary>One history of the saga. Deterministic: all it knows comes from events and activities.</summary>
internal sealed class SagaRun(WorkflowContext context, string orderId)
{
    /// <summary>So often anything may be repeated before the history is cut: it must not grow while a participant is away for days.</summary>
    public const int RepetitionsPerHistory = 20;

    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);
    private int _repetitions;

    /// <summary>Runs until the order has ended, or until the history is cut and the next one goes on from the order document.</summary>
    public async Task<string> RunAsync()
    {
        try
        {
            var start = await DurablyAsync(() => context.CallActivityAsync<SagaStart>(nameof(BeginOrder), orderId));
            var position = start.Position;
            while (position.Awaited.Count > 0)
            {
                var positions = await Task.WhenAll(position.Awaited.Select(step => SettleAsync(step, start)));
                position = positions.MaxBy(reached => reached.Version)!;
            }

            return position.State;
        }
        catch (HistoryIsLongException)
        {
            // Events that nobody has read yet go along; requests are sent again under the same ids.
            context.ContinueAsNew(orderId, preserveUnprocessedEvents: true);
            return "continues";
        }
    }

    /// <summary>Waits for the answer to a step and has it decided. Only the way forward is given up; the sale and every undo are asked for until answered.</summary>
    private async Task<SagaPosition> SettleAsync(SagaStep step, SagaStart start)
    {
        for (var round = 1; ; round++)
        {
            var reply = await AnswerAsync(step, start.RepeatAfter);
            if (reply is null && step < SagaStep.Sale && round >= start.Rounds)
            {
                reply = new StepReply(StepResult.Abandoned, "no answer in time");
            }

            reply ??= await RepeatAsync(step);
            if (reply is not null)
            {
                return await DurablyAsync(() => context.CallActivityAsync<SagaPosition>(nameof(Advance), new Proposal(orderId, step, reply)));
            }
        }
    }

    private async Task<StepReply?> AnswerAsync(SagaStep step, TimeSpan patience)
    {
        try
        {
            return await context.WaitForExternalEventAsync<StepReply>(step.ToString(), patience);
        }
        catch (TaskCanceledException)
        {
            return null;
        }
    }

    private Task<StepReply?> RepeatAsync(SagaStep step)
    {
        CountRepetition();
        return DurablyAsync(() => context.CallActivityAsync<StepReply?>(nameof(RepeatRequest), new StepRequest(orderId, step)));
    }

    /// <summary>
    /// The saga cannot fail: an activity that does is called again, after 1 s doubling to 5 min. Computed here, because a <see cref="WorkflowRetryPolicy"/> has a last
    /// attempt.
    /// </summary>
    private async Task<T> DurablyAsync<T>(Func<Task<T>> call)
    {
        for (var delay = FirstDelay; ; delay = delay * 2 < LongestDelay ? delay * 2 : LongestDelay)
        {
            try
            {
                return await call();
            }
            catch (WorkflowTaskFailedException)
            {
                CountRepetition();
                await context.CreateTimer(delay);
            }
        }
    }

    private void CountRepetition()
    {
        if (++_repetitions > RepetitionsPerHistory)
        {
            throw new HistoryIsLongException();
        }
    }

    private sealed class HistoryIsLongException : Exception;
}
