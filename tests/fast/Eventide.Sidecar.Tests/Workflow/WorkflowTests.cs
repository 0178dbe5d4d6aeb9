using Dapr.Workflow;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Sidecar.Tests.Workflow;

/// <summary>The engine with the built-in library as its worker, over the real protocol.</summary>
[Conformance]
public sealed class WorkflowTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().WithWorkflows();

    [Fact]
    public async Task A_chain_of_activities_hands_results_on()
    {
        var client = await StartAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Chain", async (context, input) =>
            {
                for (var i = 0; i < 5; i++)
                {
                    input = await context.CallActivityAsync<int>("AddOne", input);
                }

                return input;
            });
            options.RegisterActivity<int, int>("AddOne", (_, value) => Task.FromResult(value + 1));
        });
        var id = await client.ScheduleNewWorkflowAsync("Chain", null, 10, null, TestContext.Current.CancellationToken);
        var state = await CompletionAsync(client, id);
        Assert.Equal(WorkflowRuntimeStatus.Completed, state.RuntimeStatus);
        Assert.Equal(15, state.ReadOutputAs<int>());
    }

    [Fact]
    public async Task An_event_that_comes_before_the_wait_is_kept()
    {
        var client = await StartAsync(options =>
        {
            options.RegisterWorkflow<string, string>("Waits", async (context, _) =>
            {
                await context.CreateTimer(TimeSpan.FromMilliseconds(200));
                return await context.WaitForExternalEventAsync<string>("answer", TimeSpan.FromSeconds(10));
            });
        });
        var id = await client.ScheduleNewWorkflowAsync("Waits", null, null, null, TestContext.Current.CancellationToken);
        await client.RaiseEventAsync(id, "ANSWER", "early", TestContext.Current.CancellationToken);
        Assert.Equal("early", (await CompletionAsync(client, id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_wait_that_times_out_takes_no_later_event()
    {
        var client = await StartAsync(options => options.RegisterWorkflow<string, string>("Patient", async (context, _) =>
        {
            try
            {
                return await context.WaitForExternalEventAsync<string>("answer", TimeSpan.FromMilliseconds(50));
            }
            catch (TaskCanceledException)
            {
                context.SetCustomStatus("timed out");
            }

            return "second: " + await context.WaitForExternalEventAsync<string>("answer", TimeSpan.FromSeconds(10));
        }));
        var id = await client.ScheduleNewWorkflowAsync("Patient", null, null, null, TestContext.Current.CancellationToken);
        while ((await client.GetWorkflowStateAsync(id, cancellation: TestContext.Current.CancellationToken))?.ReadCustomStatusAs<string>() != "timed out")
        {
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await client.RaiseEventAsync(id, "answer", "late", TestContext.Current.CancellationToken);
        Assert.Equal("second: late", (await CompletionAsync(client, id)).ReadOutputAs<string>());
    }

    [Fact]
    public async Task A_failed_activity_is_tried_again_by_its_policy()
    {
        var attempts = 0;
        var client = await StartAsync(options =>
        {
            options.RegisterWorkflow<string, int>("Stubborn", (context, _) => context.CallActivityAsync<int>(
                "Fails", null, new WorkflowTaskOptions(new WorkflowRetryPolicy(5, TimeSpan.FromMilliseconds(10)))));
            options.RegisterActivity<string, int>("Fails", (_, _) =>
                Interlocked.Increment(ref attempts) < 3 ? throw new InvalidOperationException("not yet") : Task.FromResult(attempts));
        });
        var id = await client.ScheduleNewWorkflowAsync("Stubborn", null, null, null, TestContext.Current.CancellationToken);
        Assert.Equal(3, (await CompletionAsync(client, id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Continue_as_new_keeps_unread_events_and_a_child_returns_its_result()
    {
        var client = await StartAsync(options =>
        {
            options.RegisterWorkflow<int, int>("Loop", async (context, round) =>
            {
                var add = await context.WaitForExternalEventAsync<int>("add", TimeSpan.FromSeconds(10));
                if (round + add < 3)
                {
                    context.ContinueAsNew(round + add);
                    return 0;
                }

                return await context.CallChildWorkflowAsync<int>("Double", round + add);
            });
            options.RegisterWorkflow<int, int>("Double", (_, value) => Task.FromResult(value * 2));
        });
        var id = await client.ScheduleNewWorkflowAsync("Loop", null, 0, null, TestContext.Current.CancellationToken);
        for (var i = 0; i < 3; i++)
        {
            await client.RaiseEventAsync(id, "add", 1, TestContext.Current.CancellationToken);
        }

        Assert.Equal(6, (await CompletionAsync(client, id)).ReadOutputAs<int>());
    }

    [Fact]
    public async Task Waiting_for_something_that_is_not_durable_fails_with_the_remedy()
    {
        var client = await StartAsync(options => options.RegisterWorkflow<string, string>("Careless", async (_, _) =>
        {
            await Task.Delay(100_000);
            return "";
        }));
        var id = await client.ScheduleNewWorkflowAsync("Careless", null, null, null, TestContext.Current.CancellationToken);
        var state = await CompletionAsync(client, id);
        Assert.Equal(WorkflowRuntimeStatus.Failed, state.RuntimeStatus);
        Assert.Contains("CreateTimer", state.FailureDetails!.ErrorMessage);
    }

    [Fact]
    public async Task A_restart_of_the_sidecar_continues_every_instance()
    {
        var port = 0;
        void Register(WorkflowRuntimeOptions options)
        {
            options.RegisterWorkflow<int, int>("Long", async (context, input) =>
            {
                var sum = await context.CallActivityAsync<int>("Add", input);
                sum += await context.WaitForExternalEventAsync<int>("go");
                return await context.CallActivityAsync<int>("Add", sum);
            });
            options.RegisterActivity<int, int>("Add", (_, value) => Task.FromResult(value + 1));
        }

        var client = await StartAsync(Register, options => options with { GrpcPort = port });
        port = _sidecars.Running[0].GrpcEndpoint.Port;
        var ids = new List<string>();
        for (var i = 0; i < 10; i++)
        {
            ids.Add(await client.ScheduleNewWorkflowAsync("Long", null, i, null, TestContext.Current.CancellationToken));
        }

        await _sidecars.StopAsync();
        await _sidecars.StartAsync("app", configure: options => options with { GrpcPort = port });
        for (var i = 0; i < 10; i++)
        {
            await client.RaiseEventAsync(ids[i], "go", 100, TestContext.Current.CancellationToken);
            Assert.Equal(i + 102, (await CompletionAsync(client, ids[i])).ReadOutputAs<int>());
        }
    }

    private async Task<DaprWorkflowClient> StartAsync(Action<WorkflowRuntimeOptions> register, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var sidecar = await _sidecars.StartAsync("app", configure: configure);
        var app = await _sidecars.ClientAppAsync(
            builder =>
            {
                builder.Configuration["DAPR_GRPC_ENDPOINT"] = sidecar.GrpcEndpoint.ToString();
                builder.Services.AddDaprWorkflow(register);
            });
        return app.Services.GetRequiredService<DaprWorkflowClient>();
    }

    private static Task<WorkflowState> CompletionAsync(DaprWorkflowClient client, string id) =>
        client.WaitForWorkflowCompletionAsync(id, cancellation: TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20));

    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();
}
