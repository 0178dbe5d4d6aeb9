using Dapr.Workflow;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;

namespace Eventide.Sidecar.Tests.Workflow;

/// <summary>The retention policy of a Configuration file, from the file to the removal.</summary>
public sealed class RetentionPolicyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_in_a_configuration_file_takes_the_place_of_the_default()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        await using var sidecars = new Sidecars(time);
        sidecars.Component("store", "state.sqlite", ("connectionString", "data/{appID}.db"), ("actorStateStore", "true"));
        var config = Path.Combine(sidecars.Folder, "config.yaml");
        await File.WriteAllTextAsync(config, """
            apiVersion: dapr.io/v1alpha1
            kind: Configuration
            metadata:
              name: short
            spec:
              workflow:
                stateRetentionPolicy:
                  completed: 10m
            """, Cancellation);
        var sidecar = await sidecars.StartAsync("app", configure: options => options with { ConfigPaths = [config] });
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", sidecar.GrpcEndpoint.ToString())]);
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<object?, int>("Ends", (_, _) => Task.FromResult(1));
            options.RegisterWorkflow<object?, int>("Fails", (_, _) => throw new IOException("out of paper"));
        });
        using var app = builder.Build();
        await app.StartAsync(Cancellation);
        var client = app.Services.GetRequiredService<DaprWorkflowClient>();
        foreach (var name in new[] { "Ends", "Fails" })
        {
            await client.ScheduleNewWorkflowAsync(name, name, null, null, Cancellation);
            await client.WaitForWorkflowCompletionAsync(name, cancellation: Cancellation);
        }

        time.Advance(TimeSpan.FromMinutes(9));
        Assert.True((await client.GetWorkflowStateAsync("Ends", cancellation: Cancellation))!.Exists);
        time.Advance(TimeSpan.FromMinutes(1));
        await Wait.UntilAsync(async () =>
        {
            time.Advance(TimeSpan.FromMinutes(1));
            return !(await client.GetWorkflowStateAsync("Ends", cancellation: Cancellation))!.Exists;
        });
        Assert.True((await client.GetWorkflowStateAsync("Fails", cancellation: Cancellation))!.Exists);
        await app.StopAsync(Cancellation);
    }
}
