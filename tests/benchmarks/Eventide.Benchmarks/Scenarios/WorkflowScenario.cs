using System.Diagnostics;
using Dapr.Workflow;
using Eventide.Benchmarks.Measuring;
using Eventide.Benchmarks.Reporting;
using Eventide.Sidecar;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace Eventide.Benchmarks.Scenarios;

/// <summary>
/// Workflows of five activities in a chain on the durable store with fsync. Sidecar, worker and client are in one process and talk gRPC over sockets. The three runs
/// use one store, so the third shows whether throughput falls as history piles up.
/// </summary>
internal sealed class WorkflowScenario : IScenario
{
    private const int Runs = 3;
    private const int Activities = 5;

    // Enough for the runtime to have compiled the hot paths for good; otherwise the first run is slower and hides a fall.
    private const int WarmUp = 2000;

    public string Name => "workflow";

    public string Question => "workflows of five chained activities per second, durable store, three runs in one process";

    public async Task<ScenarioResult> RunAsync(BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(settings.Output.FullName, $"workflow-{Environment.ProcessId}")).FullName;
        try
        {
            await using var sidecars = new SidecarHost();
            var sidecar = await sidecars.StartAsync(
                new SidecarOptions { AppId = "bench", HttpPort = 0, GrpcPort = 0, WorkingDirectory = folder, ResourcesPaths = [WriteStore(folder)] }, cancellationToken);
            using var app = BuildApp(sidecar);
            await app.StartAsync(cancellationToken);
            var client = app.Services.GetRequiredService<DaprWorkflowClient>();
            AnsiConsole.MarkupLine("[grey]warming up[/]");
            await RunAsync(client, settings with { Workflows = WarmUp }, cancellationToken);
            var runs = new List<WorkflowRun>();
            for (var run = 1; run <= Runs; run++)
            {
                AnsiConsole.MarkupLineInterpolated($"[grey]run {run}: {settings.Workflows} workflows, {settings.InFlight} at a time[/]");
                runs.Add(await RunAsync(client, settings, cancellationToken));
            }

            await app.StopAsync(cancellationToken);
            var fraction = runs[^1].PerSecond / runs[0].PerSecond;
            return new ScenarioResult(
                Name, new { settings.Workflows, settings.InFlight, Activities, Runs = runs, ThirdToFirst = fraction }, ToTable(runs),
                [
                    Goal.AtLeast("slowest run", runs.Min(run => run.PerSecond), 400, "workflows/s"),
                    Goal.AtLeast("third run to the first", 100 * fraction, 90, "%"),
                ],
                runs.Max(run => run.OtherLoadPercent));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<WorkflowRun> RunAsync(DaprWorkflowClient client, BenchmarkSettings settings, CancellationToken cancellationToken)
    {
        var latencies = new LatencyRecorder(settings.Workflows);
        using var slots = new SemaphoreSlim(settings.InFlight);
        var others = new OtherLoad();
        var (processor, allocated, start) = (ProcessorTime.Microseconds, GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        var all = new List<Task>();
        for (var i = 0; i < settings.Workflows; i++)
        {
            await slots.WaitAsync(cancellationToken);
            all.Add(OneAsync(client, i, latencies, slots, cancellationToken));
        }

        await Task.WhenAll(all);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var used = ProcessorTime.Microseconds - processor;
        return new WorkflowRun(
            settings.Workflows / seconds, used / settings.Workflows, (double)(GC.GetTotalAllocatedBytes() - allocated) / settings.Workflows / 1024,
            latencies.ToPercentiles(), others.Percent(used));
    }

    /// <exception cref="InvalidOperationException">The workflow ended otherwise than completed, with another result than the chain gives.</exception>
    private static async Task OneAsync(DaprWorkflowClient client, int number, LatencyRecorder latencies, SemaphoreSlim slots, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var id = await client.ScheduleNewWorkflowAsync("Chain", null, number);
        var state = await client.WaitForWorkflowCompletionAsync(id, cancellation: cancellationToken);
        latencies.Record(Stopwatch.GetTimestamp() - start);
        slots.Release();
        if (state.RuntimeStatus != WorkflowRuntimeStatus.Completed || state.ReadOutputAs<int>() != number + Activities)
        {
            throw new InvalidOperationException($"Workflow {id} ended {state.RuntimeStatus} with {state.ReadOutputAs<int>()} instead of {number + Activities}.");
        }
    }

    private static IHost BuildApp(SidecarInstance sidecar)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("DAPR_GRPC_ENDPOINT", sidecar.GrpcEndpoint.ToString())]);
        builder.Services.AddDaprWorkflow(options =>
        {
            options.RegisterWorkflow<int, int>("Chain", async (context, value) =>
            {
                for (var i = 0; i < Activities; i++)
                {
                    value = await context.CallActivityAsync<int>("AddOne", value);
                }

                return value;
            });
            options.RegisterActivity<int, int>("AddOne", (_, value) => Task.FromResult(value + 1));
        });
        return builder.Build();
    }

    private static string WriteStore(string folder)
    {
        var resources = Directory.CreateDirectory(Path.Combine(folder, "resources")).FullName;
        File.WriteAllText(Path.Combine(resources, "store.yaml"), """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: store
            spec:
              type: state.sqlite
              version: v1
              metadata:
                - name: connectionString
                  value: data/{appID}.db
                - name: actorStateStore
                  value: "true"
            """);
        return resources;
    }

    private static Table ToTable(IReadOnlyList<WorkflowRun> runs)
    {
        var table = new Table().AddColumn("run").AddColumns(
            [.. new[] { "CPU µs/workflow", "KiB/workflow", "workflows/s", "p50 ms", "p99 ms", "others %" }.Select(name => new TableColumn(name).RightAligned())]);
        foreach (var (number, run) in runs.Index())
        {
            table.AddRow(
                $"{number + 1}", $"{run.ProcessorMicroseconds:0}", $"{run.AllocatedKiB:0}", $"{run.PerSecond:0.0}", $"{run.Latency.P50:0.0}", $"{run.Latency.P99:0.0}", $"{run.OtherLoadPercent:0}");
        }

        return table.Caption("others: how much of the machine other work took");
    }
}

/// <summary>One run.</summary>
/// <param name="ProcessorMicroseconds">Of the whole process (client, worker, sidecar) per workflow.</param>
/// <param name="Latency">From the call that schedules a workflow to the answer that it is complete, in milliseconds.</param>
/// <param name="OtherLoadPercent">How much of the machine other work took meanwhile.</param>
internal sealed record WorkflowRun(double PerSecond, double ProcessorMicroseconds, double AllocatedKiB, Percentiles Latency, double? OtherLoadPercent);
