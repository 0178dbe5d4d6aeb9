using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Eventide.ServiceDefaults.Messaging;

public sealed partial class EventDispatcher
{
    // Where a bulk has one handler and nobody else, it stays together.
    private readonly Dictionary<(string Topic, string Type), (BulkRegistration Bulk, string Handler)> _bulks = bulks
        .Where(bulk => observers.All(observer => observer.Topic != bulk.Topic))
        .Select(bulk => (Bulk: bulk, Handlers: registrations.Where(handler => (handler.Topic, handler.Type) == (bulk.Topic, bulk.Type)).ToList()))
        .Where(bulk => bulk.Handlers.Count == 1)
        .ToDictionary(bulk => (bulk.Bulk.Topic, bulk.Bulk.Type), bulk => (bulk.Bulk, bulk.Handlers[0].Handler.Name));

    /// <summary>Handles messages of one topic that came together, those of a bulk handler at once; one answer each, in their order. Never throws, except when cancelled.</summary>
    public async Task<IReadOnlyList<DeliveryStatus>> DispatchManyAsync(string topic, IReadOnlyList<Delivery> deliveries, CancellationToken cancellationToken)
    {
        var statuses = new DeliveryStatus[deliveries.Count];
        var running = new List<Task>();
        foreach (var type in Enumerable.Range(0, deliveries.Count).GroupBy(place => deliveries[place].Type))
        {
            if (_bulks.TryGetValue((topic, type.Key), out var bulk))
            {
                running.Add(RunManyAsync(bulk.Bulk, bulk.Handler, deliveries, [.. type], statuses, cancellationToken));
            }
            else
            {
                running.AddRange(type.Select(async place => statuses[place] = await DispatchAsync(deliveries[place], cancellationToken, deliveries[place].TraceContext)));
            }
        }

        await Task.WhenAll(running);
        return statuses;
    }

    private async Task RunManyAsync(
        BulkRegistration bulk, string handler, IReadOnlyList<Delivery> deliveries, IReadOnlyList<int> places, DeliveryStatus[] statuses, CancellationToken cancellationToken)
    {
        using var activity = StartMany(bulk.Topic, places.Select(place => deliveries[place]).ToList());
        foreach (var place in places)
        {
            RecordAge(deliveries[place]);
        }

        IReadOnlyList<Exception?> outcomes;
        try
        {
            await using var scope = services.CreateAsyncScope();
            outcomes = await bulk.Invoke(scope.ServiceProvider, [.. places.Select(place => deliveries[place].Data)], cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            outcomes = [.. places.Select(_ => failure)];
        }

        foreach (var (place, failure) in places.Zip(outcomes))
        {
            statuses[place] = await ConcludeAsync(deliveries[place], failure is null ? [] : [new HandlerFailure(handler, failure)], handlers: 1, cancellationToken);
            if (failure is not null)
            {
                activity?.SetStatus(ActivityStatusCode.Error);
            }
        }
    }

    // A bulk belongs to as many traces as it has messages: it is in none of them, unless it has one only, and has a link to each.
    private static Activity? StartMany(string topic, IReadOnlyList<Delivery> deliveries)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var traces = deliveries.Select(delivery => delivery.TraceContext).Where(trace => trace != default).Distinct().ToList();
        return Source.StartActivity(ActivityKind.Consumer, traces.Count == 1 ? traces[0] : default, links: traces.Select(trace => new ActivityLink(trace)), name: $"process {topic}")
            ?.SetTag("messaging.system", "dapr").SetTag("messaging.operation.type", "process").SetTag("messaging.destination.name", topic)
            .SetTag("messaging.batch.message_count", deliveries.Count);
    }
}
