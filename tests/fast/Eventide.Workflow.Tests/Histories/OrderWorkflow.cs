using Dapr.Workflow;

namespace Eventide.Workflow.Tests.Histories;

/// <summary>The code behind the recorded histories: every kind of call in the shape of an order. It must never change; that is what the histories check.</summary>
internal sealed class OrderWorkflow : Workflow<OrderWorkflow.Order, string>
{
    public override async Task<string> RunAsync(WorkflowContext context, Order order)
    {
        var retry = new WorkflowTaskOptions(new WorkflowRetryPolicy(3, TimeSpan.FromSeconds(1), 2));
        context.SetCustomStatus("reserving");
        var reservation = await context.CallActivityAsync<string>("ReserveStock", order.Lines, retry);
        try
        {
            var payment = await context.WaitForExternalEventAsync<string>("payment", TimeSpan.FromMinutes(5));
            var key = context.NewGuid();
            var bookings = await Task.WhenAll(order.Lines.Select(line => context.CallActivityAsync<string>("BookLine", $"{line}/{key}")));
            if (context.IsPatched("thank-the-customer"))
                context.SendEvent("loyalty", "thanks", order.Id);

            var parcel = await context.CallChildWorkflowAsync<string>("Parcel", bookings, new ChildWorkflowTaskOptions(InstanceId: order.Id + "-parcel"));
            context.SetCustomStatus("confirmed");
            return $"{reservation}, {payment}, {parcel}";
        }
        catch (TaskCanceledException)
        {
            await context.CallActivityAsync("ReleaseStock", order.Id);
            return "cancelled";
        }
    }

    internal sealed record Order(string Id, string[] Lines);
}
