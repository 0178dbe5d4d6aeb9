using System.Net;
using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Saga;
using Eventide.Saga.Tests.Faults;
using Eventide.Saga.Tests.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Saga.Tests.Matrix;

/// <summary>One order to which one thing happens at one step.</summary>
internal sealed class Cell(SagaStep step, Fault fault)
{
    private readonly StepRoute _route = StepRoute.Of[step];

    public SagaStep Step => step;

    public Fault Fault => fault;

    public string Key => $"{step}-{fault}";

    /// <summary>Before the point of no return a step can fail; after it, it is asked for until it is answered.</summary>
    private bool IsForward => step < SagaStep.Sale;

    private bool IsUndo => step > SagaStep.Sale;

    /// <summary>Whether the saga has to give a step up soon, instead of waiting for it.</summary>
    public bool IsImpatient => IsForward && (fault is Fault.TimesOut or Fault.LateRequest or Fault.LateReply);

    /// <summary>How the order has to end.</summary>
    public string End => IsUndo || (IsForward && (IsImpatient || fault is Fault.Refused or Fault.CustomerCancels or Fault.CancellationUnnoticed or Fault.TurnLostAfterTimeOut)) ? "Cancelled" : "Confirmed";

    /// <summary>The reason that a cancelled order has to give; null when several are right.</summary>
    public string? Reason => (step, fault) switch
    {
        (SagaStep.Shipment, Fault.Refused) or (SagaStep.PaymentUndo or SagaStep.StockUndo, _) => "the carrier does not deliver to AQ",
        (SagaStep.Stock, Fault.Refused) => "SKU-060 is out of stock",
        (SagaStep.Payment, Fault.Refused) => "the payment method was declined",
        (SagaStep.ShipmentUndo, _) or ( < SagaStep.Sale, Fault.CustomerCancels or Fault.CancellationUnnoticed) => Order.CancelledByCustomer,
        _ => null,
    };

    /// <summary>The order with which the step is reached.</summary>
    public OrderRequest Request => (step, fault) switch
    {
        (SagaStep.Stock, Fault.Refused) => OrderRequest.OutOfStock,
        (SagaStep.Payment, Fault.Refused) => OrderRequest.Declined,
        (SagaStep.Shipment, Fault.Refused) or (SagaStep.PaymentUndo or SagaStep.StockUndo, _) => OrderRequest.NotDeliverable,
        _ => OrderRequest.Good,
    };

    /// <summary>Every combination that makes sense.</summary>
    public static IReadOnlyList<Cell> All { get; } =
    [
        .. from step in StepRoute.Of.Keys from fault in Enum.GetValues<Fault>() let cell = new Cell(step, fault) where cell.MakesSense select cell,
    ];

    private bool MakesSense => fault switch
    {
        Fault.Refused or Fault.CancellationUnnoticed or Fault.TurnLostAfterTimeOut => IsForward,
        Fault.EffectWithoutAnswer => step is SagaStep.Payment or SagaStep.Shipment or SagaStep.ShipmentUndo or SagaStep.PaymentUndo,
        _ => true,
    };

    /// <summary>Arranges for the fault before the order is placed.</summary>
    public void Prepare(Shop shop)
    {
        var order = Shop.IdOf(Key);
        var faults = shop.Faults.Of(order);
        if (step == SagaStep.ShipmentUndo)
        {
            // The way to this step: the customer cancels while the shipment is asked for.
            faults.At(StepRoute.Of[SagaStep.Shipment].Asked, async (attempt, proceed) =>
            {
                Assert.Equal(HttpStatusCode.Accepted, await shop.CancelAsync(order));
                await (attempt == 1 ? Task.CompletedTask : proceed());
            });
        }

        var decide = () => DecideAsync(shop, order, StepResult.Done);
        _ = fault switch
        {
            Fault.Refused => faults,
            Fault.TimesOut => faults.At(_route.Asked, (attempt, proceed) => IsForward || attempt <= 2 ? Task.CompletedTask : proceed()),
            Fault.CrashesBefore => faults.At(_route.Asked, FailBefore),
            Fault.CrashesAfter => faults.At(_route.Asked, FailAfter),
            Fault.WriteNotAcknowledged => faults.At(Points.Write(_route.Record), FailAfter),
            Fault.AnswerNotPublished => faults.At(Points.Publish(_route.Reply), FailBefore),
            Fault.AnswerPublishedUnnoticed => faults.At(Points.Publish(_route.Reply), FailAfter),
            Fault.EffectWithoutAnswer => faults.At(EffectPoint, FailAfter),
            Fault.Duplicate => faults.At(_route.Asked, async (_, proceed) =>
            {
                await Task.WhenAll(proceed(), proceed());
                await proceed();
            }),
            Fault.LateRequest => faults.At(_route.Asked, async (attempt, proceed) =>
            {
                await LateAsync(shop, order, attempt);
                await (IsForward ? UndoneAsync(shop, order) : Task.CompletedTask);
                await proceed();
            }),
            Fault.LateReply => faults.At(_route.Answered, async (attempt, proceed) =>
            {
                await LateAsync(shop, order, attempt);
                await proceed();
            }),
            Fault.CustomerCancels => faults.At(_route.Asked, async (_, proceed) =>
            {
                var answer = await shop.CancelAsync(order);
                Assert.True((step == SagaStep.Sale) == (answer == HttpStatusCode.Conflict) || (await shop.FindAsync(order))!.IsTerminal, $"{answer}");
                await proceed();
            }),
            Fault.CancellationUnnoticed => faults.At(_route.Asked, async (_, proceed) =>
            {
                await shop["ordering"].Services.GetRequiredService<Orders>().ChangeAsync(order, current => current.RequestCancel(), CancellationToken.None);
                await proceed();
            }),
            Fault.DecisionNotStated => faults.At(Points.Publish(OrderProgressed.Type), FailBefore),
            Fault.DecisionStatedUnnoticed => faults.At(Points.Publish(OrderProgressed.Type), FailAfter),
            Fault.ActivityRunsAgain => faults.At(_route.Answered, async (_, proceed) =>
            {
                await Task.WhenAll(decide(), decide());
                await proceed();
                await decide();
            }),
            Fault.TurnLostAfterAnswer => faults.At(_route.Answered, (_, _) => decide()),
            Fault.TurnLostAfterTimeOut => faults.At(_route.Answered, async (_, proceed) =>
            {
                await DecideAsync(shop, order, StepResult.Abandoned);
                await proceed();
            }),
            _ => throw new InvalidOperationException($"{fault} is not arranged."),
        };
    }

    public override string ToString() => Key;

    private string EffectPoint => step switch
    {
        SagaStep.Payment => Points.Capture,
        SagaStep.PaymentUndo => Points.Void,
        SagaStep.Shipment => Points.Book,
        _ => Points.CancelBooking,
    };

    /// <summary>Runs the activity that decides the step, as the engine does when it does not know that it ran before.</summary>
    private Task DecideAsync(Shop shop, string order, StepResult result) =>
        SagaActivities.RunAsync<Advance, Proposal, SagaPosition>(shop, new Proposal(order, step, new StepReply(result, "no answer in time")));

    /// <summary>Forward, late means that the step was given up; otherwise, that the request was repeated.</summary>
    private Task LateAsync(Shop shop, string order, int attempt) => IsForward
        ? Eventually.HoldsAsync(async () => await shop.FindAsync(order) is { } found && found.Steps.ContainsKey(step.ToString()), $"{Key} to be given up")
        : attempt == 1 ? Task.Delay(MatrixShops.RepeatAfter * 1.5) : Task.CompletedTask;

    /// <summary>Waits for the undo of the step; not for ever, because its message may stand behind the one in hand.</summary>
    private async Task UndoneAsync(Shop shop, string order)
    {
        var undo = $"{step}Undo";
        for (var round = 0; round < 60 && await shop.FindAsync(order) is { } found && !found.Steps.ContainsKey(undo); round++)
        {
            await Task.Delay(50);
        }
    }

    private static Task FailBefore(int attempt, Func<Task> proceed) => attempt == 1 ? throw new InjectedException("before") : proceed();

    private static async Task FailAfter(int attempt, Func<Task> proceed)
    {
        await proceed();
        if (attempt == 1)
        {
            throw new InjectedException("after");
        }
    }
}

/// <summary>Runs the saga's activities outside of any workflow.</summary>
internal static class SagaActivities
{
    public static Task<TResult> RunAsync<TActivity, TInput, TResult>(Shop shop, TInput input) where TActivity : WorkflowActivity<TInput, TResult> =>
        ActivatorUtilities.CreateInstance<TActivity>(shop["ordering"].Services).RunAsync(null!, input);
}
