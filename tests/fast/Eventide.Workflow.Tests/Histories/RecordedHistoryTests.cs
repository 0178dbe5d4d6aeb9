using Dapr.Workflow.Worker;
using Eventide.Workflow.Protocol;
using Eventide.Workflow.Tests.Support;
using Google.Protobuf;

namespace Eventide.Workflow.Tests.Histories;

public sealed class RecordedHistoryTests
{
    [Fact]
    public async Task An_order_at_its_start_reserves_its_stock()
    {
        var action = (await ReplayAsync("order-start.json")).Actions.Single();

        Assert.Equal("ReserveStock", action.ScheduleTask.Name);
        Assert.Equal("[\"sku-1\",\"sku-2\"]", action.ScheduleTask.Input);
    }

    [Fact]
    public async Task An_order_whose_reservation_failed_once_repeats_it_after_its_pause()
    {
        var action = (await ReplayAsync("order-retry.json")).Actions.Single();

        Assert.Equal((2, "ReserveStock"), (action.Id, action.ScheduleTask.Name));
    }

    [Fact]
    public async Task An_order_that_was_paid_books_all_its_lines_with_the_recorded_identifier()
    {
        var response = await ReplayAsync("order-paid.json");

        Assert.Equal([4, 5], response.Actions.Select(action => action.Id));
        Assert.Equal(["\"sku-1/c39ae0e6-a0d9-57c0-a611-d826b471fc6c\"", "\"sku-2/c39ae0e6-a0d9-57c0-a611-d826b471fc6c\""], response.Actions.Select(action => action.ScheduleTask.Input));
    }

    [Fact]
    public async Task An_order_whose_payment_did_not_come_in_time_releases_its_stock()
    {
        var action = (await ReplayAsync("order-unpaid.json")).Actions.Single();

        Assert.Equal("ReleaseStock", action.ScheduleTask.Name);
    }

    [Fact]
    public async Task An_order_whose_parcel_is_sent_is_confirmed()
    {
        var response = await ReplayAsync("order-confirmed.json");

        Assert.Equal("\"reserved, paid, parcel-7\"", response.Actions.Single().CompleteWorkflow.Result);
        Assert.Equal("\"confirmed\"", response.CustomStatus);
        Assert.Equal(["thank-the-customer"], response.Version.Patches);
    }

    [Fact]
    public async Task An_order_that_was_recorded_with_other_code_fails_and_names_the_line()
    {
        var completion = (await ReplayAsync("changed-order.json")).Actions.Single().CompleteWorkflow;

        Assert.Equal(WorkflowStatus.Failed, completion.WorkflowStatus);
        Assert.Contains("history has activity 'CheckCredit' as action 0, but OrderWorkflow.cs:", completion.FailureDetails.ErrorMessage);
        Assert.Contains("now calls activity 'ReserveStock'", completion.FailureDetails.ErrorMessage);
    }

    [Fact]
    public void Every_recorded_history_is_replayed_by_a_test()
    {
        var recorded = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Histories"), "*.json").Select(Path.GetFileName).Order();

        Assert.Equal(["changed-order.json", "order-confirmed.json", "order-paid.json", "order-retry.json", "order-start.json", "order-unpaid.json"], recorded);
    }

    private static async Task<WorkflowResponse> ReplayAsync(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "Histories", file);
        var request = JsonParser.Default.Parse<WorkflowRequest>(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        using var workflows = new Workflows(options => options.RegisterWorkflow<OrderWorkflow>("Order"));
        return await workflows.Turns.RunAsync(request, "");
    }
}
