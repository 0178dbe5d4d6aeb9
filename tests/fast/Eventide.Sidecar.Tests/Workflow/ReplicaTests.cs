using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Dapr.Workflow;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.Sidecar.Tests.Workflow;

/// <summary>Several sidecars of one app, and several workers of one sidecar, run the app's workflows together.</summary>
public sealed class ReplicaTests : IAsyncDisposable
{
    private readonly Sidecars _sidecars = new Sidecars().WithStore();
    private readonly ConcurrentBag<string> _ran = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_share_the_work_and_any_of_them_answers_for_any_instance()
    {
        var (first, _) = await ReplicaAsync("first");
        var (second, _) = await ReplicaAsync("second");
        for (var i = 0; i < 40; i++)
        {
            await first.ScheduleNewWorkflowAsync("Chain", $"chain-{i}", i, null, Cancellation);
        }

        for (var i = 0; i < 40; i++)
        {
            Assert.Equal(i + 3, (await CompletionAsync(second, $"chain-{i}")).ReadOutputAs<int>());
        }

        Assert.Equal(120, _ran.Count);
        Assert.Equal(["first", "second"], _ran.Distinct().Order());
    }

    [Fact]
    public async Task The_engine_lives_as_long_as_one_replica_does()
    {
        var (first, firstApp) = await ReplicaAsync("first");
        await first.ScheduleNewWorkflowAsync("Waits", "waits", "", null, Cancellation);
        var (second, _) = await ReplicaAsync("second");
        await firstApp.StopAsync(Cancellation);
        await _sidecars.Running[0].DisposeAsync();

        await second.RaiseEventAsync("waits", "go", "x", Cancellation);
        Assert.Equal("x", (await CompletionAsync(second, "waits")).ReadOutputAs<string>());
    }

    [Fact]
    public async Task Metadata_counts_the_workers_of_its_own_sidecar()
    {
        await ReplicaAsync("first");
        var idle = await _sidecars.StartAsync("app");
        await Wait.UntilAsync(async () => await WorkersAsync(_sidecars.Running[0]) == 1);

        Assert.Equal(0, await WorkersAsync(idle));
    }

    [Fact]
    public async Task A_second_process_on_the_same_store_is_refused_in_one_sentence()
    {
        await _sidecars.StartAsync("app");
        await using var other = new SidecarHost();
        var options = _sidecars.Host.Sidecars[0].Options;
        var refusal = await Assert.ThrowsAsync<SidecarStartException>(() => other.StartAsync(options, Cancellation));
        Assert.Equal(
            $"Another running process has the workflows of app in {Path.Combine(_sidecars.Folder, "data", "app.db")}; stop that one, or give this one another data folder.",
            refusal.Message);

        await _sidecars.StopAsync();
        await other.StartAsync(options, Cancellation);
    }

    [Fact]
    public async Task What_a_lost_worker_had_in_hand_goes_to_another()
    {
        var taken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var never = new CancellationTokenSource();
        var (client, lost) = await ReplicaAsync("lost", async () =>
        {
            taken.TrySetResult();
            await Task.Delay(Timeout.Infinite, never.Token);
        });
        await client.ScheduleNewWorkflowAsync("Chain", "chain", 1, null, Cancellation);
        await taken.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);
        var (other, _) = await ReplicaAsync("other");
        await lost.StopAsync(new CancellationToken(canceled: true));
        await never.CancelAsync();

        Assert.Equal(4, (await CompletionAsync(other, "chain")).ReadOutputAs<int>());
    }

    private async Task<(DaprWorkflowClient Client, WebApplication App)> ReplicaAsync(string name, Func<Task>? activity = null)
    {
        var sidecar = await _sidecars.StartAsync("app");
        var app = await _sidecars.ClientAppAsync(
            builder =>
            {
                builder.Configuration["DAPR_GRPC_ENDPOINT"] = sidecar.GrpcEndpoint.ToString();
                builder.Services.AddDaprWorkflow(options =>
                {
                    options.RegisterWorkflow<int, int>("Chain", async (context, value) =>
                    {
                        for (var i = 0; i < 3; i++)
                        {
                            value = await context.CallActivityAsync<int>("AddOne", value);
                        }

                        return value;
                    });
                    options.RegisterWorkflow<string, string>("Waits", (context, _) => context.WaitForExternalEventAsync<string>("go"));
                    options.RegisterActivity<int, int>("AddOne", async (_, value) =>
                    {
                        await (activity?.Invoke() ?? Task.CompletedTask);
                        _ran.Add(name);
                        return value + 1;
                    });
                });
            });
        return (app.Services.GetRequiredService<DaprWorkflowClient>(), app);
    }

    private static async Task<int> WorkersAsync(ISidecarUnderTest sidecar)
    {
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };
        var metadata = await http.GetFromJsonAsync<JsonElement>("v1.0/metadata", Cancellation);
        return metadata.GetProperty("workflows").GetProperty("connectedWorkers").GetInt32();
    }

    private static Task<WorkflowState> CompletionAsync(DaprWorkflowClient client, string id) =>
        client.WaitForWorkflowCompletionAsync(id, cancellation: Cancellation).WaitAsync(TimeSpan.FromSeconds(20));

    public ValueTask DisposeAsync() => _sidecars.DisposeAsync();
}
