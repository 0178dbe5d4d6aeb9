using Dapr.Workflow;
using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.Ordering.Saga;
using Eventide.Saga.Tests.Checks;
using Eventide.Saga.Tests.Faults;
using Eventide.Saga.Tests.Hosting;
using Eventide.ServiceDefaults.Messaging;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Saga.Tests.Messages;

/// <summary>What lasts longer than one history of the saga, and replies that nobody waits for.</summary>
public abstract class SagaLifeTests(QuickShop quick)
{
    private static readonly string Asks = Points.Handle("inventory", StockSaleRequested.Type);

    private Shop Shop => quick.Shop;

    private DaprWorkflowClient Workflows => Shop["ordering"].Services.GetRequiredService<DaprWorkflowClient>();

    [Fact]
    public async Task A_sale_that_nobody_answers_is_asked_for_again_and_again_while_the_history_stays_short()
    {
        const string key = "history";
        Shop.Faults.Of(Shop.IdOf(key)).At(Asks, (attempt, proceed) => attempt <= SagaRun.RepetitionsPerHistory * 2 ? Task.CompletedTask : proceed());
        await Shop.PlaceAsync(key, OrderRequest.Good);
        Assert.Equal("Confirmed", (await new OrderCheck(Shop, key).EndedWellAsync()).State);

        // Two facts per verdict and end of the first history, once more at the start of the second: BeginOrder says again what an earlier run may not have said.
        Assert.True(
            Shop.Faults.EventsOf(Shop.IdOf(key)).Count(published => published.Id == OrderIds.Fact(Shop.IdOf(key), 2)) >= 2, "the history was never cut");
    }

    [Fact]
    public async Task An_instance_that_was_terminated_and_purged_goes_on_from_the_order_document_when_it_is_scheduled_again()
    {
        const string key = "resume";
        var id = Shop.IdOf(key);
        Shop.Faults.Of(id).At(Asks, (_, _) => Task.CompletedTask);
        await Shop.PlaceAsync(key, OrderRequest.Good);
        await Eventually.HoldsAsync(async () => (await Shop.FindAsync(id))!.Steps.ContainsKey("Shipment"), "the order to wait for its sale");
        await Workflows.TerminateWorkflowAsync(id, cancellation: TestContext.Current.CancellationToken);
        await Workflows.PurgeInstanceAsync(id, TestContext.Current.CancellationToken);

        Shop.Faults.Of(id).End();
        await ScheduleAsync(id);
        Assert.Equal("Confirmed", (await new OrderCheck(Shop, key).EndedWellAsync()).State);
    }

    [Fact]
    public async Task An_order_that_has_ended_ends_at_once_when_it_is_scheduled_again()
    {
        const string key = "rerun";
        await Shop.PlaceAsync(key, OrderRequest.Declined);
        var check = new OrderCheck(Shop, key);
        await check.EndedWellAsync();
        await ScheduleAsync(Shop.IdOf(key));
        var state = await Workflows.WaitForWorkflowCompletionAsync(Shop.IdOf(key), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal("Cancelled", state.ReadOutputAs<string>());
        await check.ReplayChangesNothingAsync();
    }

    [Fact]
    public async Task A_saga_of_no_order_ends_at_once()
    {
        await ScheduleAsync("o-nobody");
        var state = await Workflows.WaitForWorkflowCompletionAsync("o-nobody", cancellation: TestContext.Current.CancellationToken);
        Assert.Equal((WorkflowRuntimeStatus.Completed, "Unknown"), (state.RuntimeStatus, state.ReadOutputAs<string>()));
    }

    [Fact]
    public async Task A_reply_for_an_order_that_does_not_exist_becomes_a_dead_letter_with_the_reason()
    {
        var reply = new StockReserved("o-never-placed", []);
        await Shop["inventory"].Services.GetRequiredService<EventPublisher>().PublishAsync(reply, TestContext.Current.CancellationToken);
        FailedDelivery? note = null;
        await Eventually.HoldsAsync(async () => (note = await Shop["ordering"].Services.GetRequiredService<FailedDeliveries>()
            .FindAsync(OrderIds.Event(reply), CancellationToken.None)) is not null, "the failure to be noted");
        Assert.EndsWith("there is no order o-never-placed", note!.Reason);
    }

    [Fact]
    public async Task A_reply_waits_at_the_broker_while_the_saga_of_an_open_order_is_gone()
    {
        const string key = "wait";
        var id = Shop.IdOf(key);
        Shop.Faults.Of(id).At(Points.Handle("payment", PaymentRequested.Type), async (attempt, proceed) =>
        {
            // The saga is gone before payment answers; it is scheduled again when its reply has been refused.
            if (attempt == 1)
            {
                await Workflows.TerminateWorkflowAsync(id);
                await Workflows.PurgeInstanceAsync(id);
            }

            await proceed();
        });
        await Shop.PlaceAsync(key, OrderRequest.Good);
        await Eventually.HoldsAsync(async () => await Shop["ordering"].Services.GetRequiredService<FailedDeliveries>()
            .FindAsync(OrderIds.Event<PaymentCaptured>(id), CancellationToken.None) is { Attempts: > 1 }, "the reply to be refused");
        Assert.False((await Shop.FindAsync(id))!.IsTerminal);
        await ScheduleAsync(id);
        Assert.Equal("Confirmed", (await new OrderCheck(Shop, key).EndedWellAsync()).State);
    }

    private Task ScheduleAsync(string id) =>
        Workflows.ScheduleNewWorkflowAsync(nameof(OrderSaga), id, id, default(DateTimeOffset?), TestContext.Current.CancellationToken);
}

/// <summary>Each service an app of its own.</summary>
public sealed class ServicesSagaLifeTests(QuickServices quick) : SagaLifeTests(quick);

/// <summary>All modules in one process.</summary>
public sealed class MonolithSagaLifeTests(QuickMonolith quick) : SagaLifeTests(quick);
