using Dapr.Client;
using Eventide.Brokers.Tests.Support;
using Eventide.Sidecar;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Brokers.Tests.PubSub;

/// <summary>
/// What an app may rely on with every broker, seen from where an app stands: real sidecars, the official client, small apps. A broker's class inherits it
/// with a <see cref="BrokerUnderTest"/> as fixture, which states where that broker differs. Every test has topics and app ids of its own.
/// </summary>
public abstract partial class PubSubContract(BrokerUnderTest broker) : IAsyncLifetime
{
    private const string Success = """{"status":"SUCCESS"}""";
    private const string Retry = """{"status":"RETRY"}""";
    private readonly string _run = Guid.NewGuid().ToString("N")[..8];
    private readonly List<Replica> _replicas = [];
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Sidecars _sidecars = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Topic => $"orders-{_run}";

    private string DeadTopic => $"orders-{_run}.dead";

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(broker.Missing is not null, broker.Missing ?? "");
        _sidecars = new Sidecars();
        await broker.StartAsync();
        WriteComponent();
        WritePolicy("policy: constant, duration: 5ms, maxRetries: 2");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (broker.Missing is null && TestContext.Current is { TestState: { } state, Test: { } test } && test.Traits.TryGetValue(BehaviourAttribute.Trait, out var behaviour))
        {
            broker.Results.Add(Enum.Parse<Behaviour>(behaviour.Single()), state.Result);
        }

        _gate.TrySetResult();
        foreach (var replica in _replicas)
        {
            replica.Dispose();
        }

        if (_sidecars is not null)
        {
            await broker.StartAsync();
            await _sidecars.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    /// <summary>Writes the component file: the broker's settings and more.</summary>
    private void WriteComponent(params (string Name, string Value)[] more) =>
        _sidecars.Component("pubsub", broker.ComponentType, [.. broker.Settings, .. more]);

    /// <summary>The inbound policy of the component; null removes it.</summary>
    private void WritePolicy(string? retry) => _sidecars.Resource("resiliency.yaml", $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata:
          name: delivery
        spec:
          policies:
            retries:
              again: { {{retry ?? "policy: constant, duration: 5ms, maxRetries: 0"}} }
          targets:
            components:
              pubsub:
                inbound: { retry: again }
        """);

    /// <summary>Starts an app that subscribes and its sidecar; returns when messages reach it.</summary>
    private async Task<Replica> StartAsync(string name, Inbox? inbox = null, bool asProcess = false, Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        inbox ??= new Inbox().Subscribe(Topic);
        var app = await _sidecars.AppAsync(TestApp.HttpAsync(inbox.Map));
        var appId = $"{name}-{_run}";
        ISidecarUnderTest sidecar = asProcess
            ? await _sidecars.StartReadyProcessAsync(Repository.Cli, appId, app, configure)
            : await _sidecars.StartReadyAsync(appId, app, configure);
        return Keep(new Replica(appId, inbox, sidecar, _sidecars.Client(sidecar)));
    }

    /// <summary>Starts an app that only publishes.</summary>
    private async Task<Replica> StartPublisherAsync(Func<SidecarOptions, SidecarOptions>? configure = null)
    {
        var sidecar = await _sidecars.StartReadyAsync($"publisher-{_run}", configure: configure);
        return Keep(new Replica($"publisher-{_run}", new Inbox(), sidecar, _sidecars.Client(sidecar)));
    }

    private Replica Keep(Replica replica)
    {
        _replicas.Add(replica);
        return replica;
    }

    /// <summary>An app that takes messages and answers nothing until the test ends or opens the gate.</summary>
    private Inbox StuckInbox() => new Inbox
    {
        Answer = async _ =>
        {
            await _gate.Task;
            return Success;
        },
    }.Subscribe(Topic);

    /// <summary>Publishes numbers, many at once; each has a partition key of its own, so that brokers with partitions spread them.</summary>
    private Task PublishAsync(Replica from, int first, int count) => Parallel.ForEachAsync(
        Enumerable.Range(first, count), new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = Cancel },
        async (number, token) => await from.Client.PublishEventAsync(
            "pubsub", Topic, number, new Dictionary<string, string> { ["partitionKey"] = $"key-{number}" }, token));

    /// <summary>Publishes marker messages, numbered downwards from -1, until each replica has had one: from then on their shares are settled.</summary>
    private async Task UntilAllServeAsync(Replica from, params Replica[] replicas)
    {
        var marker = 0;
        while (replicas.Any(replica => !replica.Numbers.Any(number => number < 0)))
        {
            await PublishAsync(from, marker -= 8, 8);
            var sent = marker;
            await Wait.UntilAsync(() => replicas.SelectMany(replica => replica.Numbers).Distinct().Count(number => number < 0) >= -sent);
        }
    }

    /// <summary>Waits until the numbers from first on have arrived somewhere among the replicas, each at least once.</summary>
    private static Task AllArriveAsync(int first, int count, params Replica[] replicas) => AllArriveAsync(Enumerable.Range(first, count).ToHashSet(), replicas);

    private static async Task AllArriveAsync(IReadOnlySet<int> expected, params Replica[] replicas)
    {
        var missing = expected;
        try
        {
            await Wait.UntilAsync(() => (missing = expected.Except(replicas.SelectMany(replica => replica.Numbers)).ToHashSet()).Count == 0);
        }
        catch (OperationCanceledException) when (!Cancel.IsCancellationRequested)
        {
            Assert.Fail($"{missing.Count} of {expected.Count} messages did not arrive within 30 s: {string.Join(' ', missing.Take(20))}");
        }
    }
}
