extern alias sidecar;
using Eventide.Workflow.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using sidecar::Eventide.Sidecar.Api;
using sidecar::Eventide.Sidecar.BuildingBlocks.Workflow;
using sidecar::Eventide.Sidecar.Components.State;
using sidecar::Eventide.Sidecar.Hosting;
using Wire = sidecar::Eventide.Workflow.Protocol;

namespace Eventide.Workflow.Tests.Engine;

/// <summary>An engine runs only while its store belongs to this process, and another takes its place when it belongs to it again.</summary>
public sealed class OwnershipTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task When_the_store_is_lost_the_work_in_hand_is_refused_and_given_out_anew_once_it_is_owned_again()
    {
        var store = new LosableStore(new InMemoryStateStore(_time));
        await using var workflows = Open(store);
        await workflows.OpenAsync();
        var first = workflows.Engine!;
        using var worker = workflows.Workers.Connect();
        await first.StartAsync("a", new Wire.ExecutionStartedEvent { Name = "Any" }, CancellationToken.None);
        var turn = await TakeAsync(worker);

        store.BelongsToAnother = true;
        await store.LoseAsync();
        await UntilAsync(() => workflows.Engine is null);
        Assert.True(await IsRefusedAsync(first.CompleteTurnAsync(End(turn))));

        store.BelongsToAnother = false;
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return workflows.Engine is not null;
        });
        var again = await TakeAsync(worker);
        Assert.NotEqual(turn.CompletionToken, again.CompletionToken);
        Assert.True(await workflows.Engine!.CompleteTurnAsync(End(again)));
        Assert.Equal(Wire.WorkflowStatus.Completed, (await workflows.Engine.GetAsync("a", CancellationToken.None))!.Status);
    }

    [Fact]
    public async Task A_turn_that_could_not_be_stored_is_refused_and_given_out_anew()
    {
        var store = new LosableStore(new InMemoryStateStore(_time));
        await using var workflows = Open(store);
        await workflows.OpenAsync();
        using var worker = workflows.Workers.Connect();
        await workflows.Engine!.StartAsync("a", new Wire.ExecutionStartedEvent { Name = "Any" }, CancellationToken.None);
        var turn = await TakeAsync(worker);

        store.RefusesWrites = true;
        Assert.False(await workflows.Engine.CompleteTurnAsync(End(turn)));

        store.RefusesWrites = false;
        var again = TakeAsync(worker);
        await UntilAsync(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return again.IsCompleted;
        });
        Assert.True(await workflows.Engine.CompleteTurnAsync(End(await again)));
    }

    [Fact]
    public async Task A_store_of_another_process_stops_the_start_and_a_closed_one_belongs_to_nobody()
    {
        var store = new LosableStore(new InMemoryStateStore(_time)) { BelongsToAnother = true };
        await using (var refused = Open(store))
            await Assert.ThrowsAsync<SidecarStartException>(refused.OpenAsync);

        store.BelongsToAnother = false;
        await using (var workflows = Open(store))
        {
            await workflows.OpenAsync();
            Assert.True(store.IsOwned);
        }

        Assert.False(store.IsOwned);
    }

    // While the engine closes it says that it stops; afterwards nobody waits for the answer any more.
    private static async Task<bool> IsRefusedAsync(Task<bool> answer)
    {
        try
        {
            return !await answer;
        }
        catch (ApiException stopping)
        {
            return stopping.Message.Contains("stopping", StringComparison.Ordinal);
        }
    }

    private AppWorkflows Open(IStateStore store) =>
        new(() => store, new WorkflowKeys("app", "default"), EngineProcess.Unlimited, _time, NullLogger.Instance);

    private static Task<Wire.WorkItem> TakeAsync(WorkerHub.Connection worker) =>
        worker.TakeAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(30));

    private static Wire.WorkflowResponse End(Wire.WorkItem turn) => new()
    {
        InstanceId = turn.WorkflowRequest.InstanceId,
        CompletionToken = turn.CompletionToken,
        Actions = { new Wire.WorkflowAction { Id = 1, CompleteWorkflow = new Wire.CompleteWorkflowAction { WorkflowStatus = Wire.WorkflowStatus.Completed } } },
    };

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(1, limit.Token);
    }

    private sealed class LosableStore(IStateStore inner) : IStateStore, IOwnedByProcess, IOwnership
    {
        private CancellationTokenSource _lost = new();

        public bool BelongsToAnother { get; set; }

        public bool RefusesWrites { get; set; }

        public bool IsOwned { get; private set; }

        public IStateStore Store => this;

        public CancellationToken Lost => _lost.Token;

        public StateCapabilities Capabilities => inner.Capabilities;

        public ValueTask<IOwnership> OwnAsync(string part, CancellationToken cancellationToken)
        {
            if (BelongsToAnother)
                throw new SidecarStartException($"Another running process has {part}.");

            (_lost, IsOwned) = (new CancellationTokenSource(), true);
            return new(this);
        }

        public Task LoseAsync()
        {
            IsOwned = false;
            return _lost.CancelAsync();
        }

        public ValueTask InitializeAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        public ValueTask<StateItem?> GetAsync(string key, CancellationToken cancellationToken) => inner.GetAsync(key, cancellationToken);

        public ValueTask<IReadOnlyList<StateItem?>> GetManyAsync(IReadOnlyList<string> keys, CancellationToken cancellationToken) => inner.GetManyAsync(keys, cancellationToken);

        public ValueTask SetAsync(StateSet operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

        public ValueTask DeleteAsync(StateDelete operation, CancellationToken cancellationToken) => TransactAsync([operation], cancellationToken);

        public ValueTask TransactAsync(IReadOnlyList<StateOperation> operations, CancellationToken cancellationToken) =>
            IsOwned && !RefusesWrites ? inner.TransactAsync(operations, cancellationToken) : throw new IOException("refused");

        public IAsyncEnumerable<StateItem> ScanAsync(string prefix, CancellationToken cancellationToken) => inner.ScanAsync(prefix, cancellationToken);

        public ValueTask PingAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

        // The store and its ownership are one here.
        public ValueTask DisposeAsync()
        {
            IsOwned = false;
            return ValueTask.CompletedTask;
        }
    }
}
