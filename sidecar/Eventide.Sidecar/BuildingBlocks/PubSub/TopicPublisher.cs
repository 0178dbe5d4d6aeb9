using System.Diagnostics;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Resiliency;
using Eventide.Sidecar.Tracing;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>Publishing, one message or many, once for both API surfaces. Thread-safe.</summary>
internal sealed class TopicPublisher(PubSubComponents components, IResiliencyPolicies policies, SidecarOptions options, TimeProvider time)
{
    /// <summary>Publishes one message; completes when the broker has it.</summary>
    public async Task PublishAsync(
        string pubsub, string topic, ReadOnlyMemory<byte> data, string? contentType, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var component = Find(pubsub, topic);
        try
        {
            var message = Message(component, pubsub, topic, data, contentType, metadata);
            await policies.ForComponentOutbound(pubsub, ComponentKind.Pubsub).ExecuteAsync(
                static async (call, token) => await call.component.Broker.PublishAsync(call.message, token), (component, message), cancellationToken);
        }
        catch (Exception failure) when (failure is not Api.ApiException && !cancellationToken.IsCancellationRequested)
        {
            throw PubSubErrors.PublishFailed(pubsub, topic, failure);
        }
    }

    /// <summary>
    /// Publishes all entries; completes when the broker has said yes or no to each. Answers those that it has not. A policy tries again only what failed.
    /// Nothing is published when an entry cannot be read, or has the id of another.
    /// </summary>
    public async Task<IReadOnlyList<FailedEntry>> PublishManyAsync(
        string pubsub, string topic, IReadOnlyList<BulkEntry> entries, IReadOnlyDictionary<string, string> metadata, CancellationToken cancellationToken)
    {
        var component = Find(pubsub, topic);
        var ids = new HashSet<string>(StringComparer.Ordinal);
        if (entries.Any(entry => entry.EntryId.Length == 0 || !ids.Add(entry.EntryId)))
        {
            throw PubSubErrors.EntryId(pubsub, topic);
        }

        var pending = entries
            .Select(entry => (entry.EntryId, Message: Message(component, pubsub, topic, entry.Data, entry.ContentType, Merge(metadata, entry.Metadata)))).ToList();
        var failed = new List<FailedEntry>();
        try
        {
            await policies.ForComponentOutbound(pubsub, ComponentKind.Pubsub).ExecuteAsync(
                async token =>
                {
                    var answers = await component.Broker.PublishManyAsync(pending.ConvertAll(entry => entry.Message), token);
                    failed = [.. pending.Zip(answers).Where(pair => pair.Second is not null).Select(pair => new FailedEntry(pair.First.EntryId, pair.Second!.Message))];
                    pending = [.. pending.Zip(answers).Where(pair => pair.Second is not null).Select(pair => pair.First)];
                    if (pending.Count > 0)
                    {
                        throw new InvalidOperationException($"{pending.Count} of {entries.Count} entries failed");
                    }
                },
                cancellationToken);
            return [];
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return failed.Count > 0 ? failed : pending.ConvertAll(entry => new FailedEntry(entry.EntryId, failure.Message));
        }
    }

    private PubSubComponent Find(string pubsub, string topic)
    {
        if (pubsub.Length == 0)
        {
            throw PubSubErrors.EmptyName();
        }

        var component = components.Find(pubsub) ?? throw PubSubErrors.NotFound(pubsub);
        return topic.Length == 0 ? throw PubSubErrors.EmptyTopic(pubsub)
            : component.Scopes.MayPublish(topic) ? component
            : throw PubSubErrors.Forbidden(pubsub, topic, options.AppId);
    }

    private PubSubMessage Message(
        PubSubComponent component, string pubsub, string topic, ReadOnlyMemory<byte> data, string? contentType, IReadOnlyDictionary<string, string> metadata)
    {
        var type = string.IsNullOrEmpty(contentType) ? "text/plain" : contentType;
        if (RawPayload.IsAsked(metadata) ?? throw PubSubErrors.RawPayload(pubsub, metadata[RawPayload.Key]))
        {
            return new PubSubMessage(topic, data, type, metadata);
        }

        var body = CloudEventEnvelope.Build(
            options.AppId, pubsub, topic, data, type, metadata, SidecarTracing.TraceParent, Activity.Current?.TraceStateString, time,
            component.Broker.Features.HasFlag(PubSubFeatures.MessageTtl));
        return new PubSubMessage(topic, body, CloudEventEnvelope.ContentType, metadata);
    }

    private static IReadOnlyDictionary<string, string> Merge(IReadOnlyDictionary<string, string> request, IReadOnlyDictionary<string, string> entry)
    {
        if (entry.Count == 0 || request.Count == 0)
        {
            return entry.Count == 0 ? request : entry;
        }

        var merged = new Dictionary<string, string>(request, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in entry)
        {
            merged[name] = value;
        }

        return merged;
    }
}

/// <summary>One message of a bulk.</summary>
/// <param name="EntryId">What the caller knows it by, unique in the request.</param>
/// <param name="Metadata">Overrides the metadata of the request.</param>
internal sealed record BulkEntry(string EntryId, ReadOnlyMemory<byte> Data, string? ContentType, IReadOnlyDictionary<string, string> Metadata);

/// <summary>A message that the broker does not have.</summary>
internal sealed record FailedEntry(string EntryId, string Error);
