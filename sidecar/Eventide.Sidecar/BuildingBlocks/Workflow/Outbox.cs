using Eventide.Workflow.Protocol;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.Workflow;

/// <summary>
/// Brings events from one instance to another, each exactly once: they are stored with the turn that sent them, and the write that puts one into the other's inbox
/// removes it. Events to one instance arrive in the order in which they were sent. Thread-safe.
/// </summary>
internal sealed partial class Outbox(WorkflowStore store, EventDelivery delivery, BackgroundWork background, ILogger log)
{
    private readonly Lock _lock = new();
    private readonly Task[] _lanes = [.. Enumerable.Repeat(Task.CompletedTask, 16)];

    /// <summary>An event sets out, if it is stored: the write that should have done so may have failed.</summary>
    public void Send(string key, OutgoingEvent outgoing)
    {
        lock (_lock)
        {
            ref var lane = ref _lanes[(uint)outgoing.InstanceId.GetHashCode(StringComparison.Ordinal) % (uint)_lanes.Length];
            lane = SendAfterAsync(lane, key, outgoing);
        }
    }

    /// <summary>Sends what a stop left on its way.</summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        await foreach (var (key, outgoing) in store.OutgoingAsync(cancellationToken))
        {
            Send(key, outgoing);
        }
    }

    private async Task SendAfterAsync(Task earlier, string key, OutgoingEvent outgoing)
    {
        // Off the caller's thread, which holds the lock and the gate of the sender.
        await earlier.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await background.RunAsync(async () =>
        {
            // Not stored: never was, or an attempt that was reported as failed has delivered it.
            if (!await store.IsOutgoingAsync(key, background.Stopping))
            {
                return;
            }

            var became = await delivery.DeliverAsync(outgoing.InstanceId, outgoing.Event, key, background.Stopping);
            if (became != Delivery.Delivered)
            {
                await store.DropOutgoingAsync(key, background.Stopping);
                Dropped(outgoing.Event.EventTypeCase, outgoing.InstanceId, became);
            }
        });
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Event} for workflow {Id} was dropped: {Reason}")]
    private partial void Dropped(HistoryEvent.EventTypeOneofCase @event, string id, Delivery reason);
}
