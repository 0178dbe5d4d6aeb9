using System.Net;
using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.Expressions;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>
/// Collects declarative and programmatic subscriptions; for the same topic the programmatic one replaces the declarative one
/// (Dapr: pkg/runtime/compstore/subscriptions.go).
/// </summary>
internal sealed partial class SubscriptionSource(LoadedResources resources, IAppChannel app, SidecarOptions options, ILogger<SubscriptionSource> log)
{
    private static readonly Method<Empty, ListTopicSubscriptionsResponse> ListSubscriptions = new(
        MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "ListTopicSubscriptions",
        Marshallers.Create(_ => Array.Empty<byte>(), _ => new Empty()),
        Marshallers.Create(_ => Array.Empty<byte>(), ListTopicSubscriptionsResponse.Parser.ParseFrom));

    /// <summary>All subscriptions of the app, one per topic. Throws <see cref="SidecarStartException"/> for a rule that cannot be read.</summary>
    public async Task<IReadOnlyList<TopicSubscription>> CollectAsync(CancellationToken cancellationToken)
    {
        var all = new Dictionary<(string, string), TopicSubscription>();
        foreach (var resource in resources.Subscriptions)
        {
            all.TryAdd((resource.PubSub, resource.Topic), new TopicSubscription(
                resource.PubSub, resource.Topic, resource.Rules.Select(rule => Compile(rule.Match, rule.Path)).ToList(), resource.DeadLetterTopic,
                resource.Metadata, resource.Bulk, TopicSubscription.Declarative));
        }

        foreach (var subscription in app.IsGrpc ? await AskGrpcAsync(cancellationToken) : await AskHttpAsync(cancellationToken))
        {
            if (subscription.Routes.Count == 0)
            {
                EmptyRoutes(subscription.Topic);
                continue;
            }

            all[(subscription.PubSub, subscription.Topic)] = subscription;
        }

        return [.. all.Values];
    }

    private async Task<IReadOnlyList<TopicSubscription>> AskHttpAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/dapr/subscribe", UriKind.Relative));
        request.Headers.TryAddWithoutValidation("dapr-app-id", options.AppId);
        using var response = await app.SendAsync(request, cancellationToken);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            if (response.StatusCode != HttpStatusCode.NotFound)
            {
                Refused((int)response.StatusCode);
            }

            return [];
        }

        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
        return body.RootElement.EnumerateArray().Select(Read).ToList();
    }

    private async Task<IReadOnlyList<TopicSubscription>> AskGrpcAsync(CancellationToken cancellationToken)
    {
        ListTopicSubscriptionsResponse answer;
        try
        {
            answer = await app.Grpc.AsyncUnaryCall(ListSubscriptions, null, new CallOptions(cancellationToken: cancellationToken), new Empty());
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            return [];
        }

        return answer.Subscriptions.Select(entry =>
        {
            var routes = (entry.Routes?.Rules ?? []).Select(rule => Compile(rule.Match, rule.Path)).ToList();
            routes.Add(new Route(null, entry.Routes?.Default ?? ""));
            return new TopicSubscription(
                entry.PubsubName, entry.Topic, routes, entry.DeadLetterTopic is { Length: > 0 } dead ? dead : null, entry.Metadata,
                entry.BulkSubscribe is { } bulk ? Bulk(bulk.Enabled, bulk.MaxMessagesCount, bulk.MaxAwaitDurationMs) : null, TopicSubscription.Programmatic);
        }).ToList();
    }

    private static TopicSubscription Read(JsonElement entry)
    {
        var routes = new List<Route>();
        if (Text(entry, "route") is { Length: > 0 } single)
        {
            routes.Add(new Route(null, single));
        }

        if (entry.TryGetProperty("routes", out var found) && found.ValueKind == JsonValueKind.Object)
        {
            if (found.TryGetProperty("rules", out var rules) && rules.ValueKind == JsonValueKind.Array)
            {
                routes.AddRange(rules.EnumerateArray().Select(rule => Compile(Text(rule, "match") ?? "", Text(rule, "path") ?? "")));
            }

            if (Text(found, "default") is { Length: > 0 } path)
            {
                routes.Add(new Route(null, path));
            }
        }

        var metadata = entry.TryGetProperty("metadata", out var values) && values.ValueKind == JsonValueKind.Object
            ? values.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString())
            : [];
        var bulk = entry.TryGetProperty("bulkSubscribe", out var settings) && settings.ValueKind == JsonValueKind.Object
            ? Bulk(
                settings.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.True, Number(settings, "maxMessagesCount"),
                Number(settings, "maxAwaitDurationMs"))
            : null;
        return new TopicSubscription(
            Text(entry, "pubsubname") ?? "", Text(entry, "topic") ?? "", routes, Text(entry, "deadLetterTopic") is { Length: > 0 } dead ? dead : null, metadata,
            bulk, TopicSubscription.Programmatic);
    }

    // Zero is what SDKs send for "not set".
    private static BulkSettings Bulk(bool enabled, int maxMessages, int maxAwaitMs) => new(
        enabled, maxMessages > 0 ? maxMessages : BulkSettings.DefaultMaxMessages, maxAwaitMs > 0 ? TimeSpan.FromMilliseconds(maxAwaitMs) : BulkSettings.DefaultMaxAwait);

    private static int Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;

    private static Route Compile(string match, string path)
    {
        try
        {
            return new Route(match.Length == 0 ? null : CelExpression.Compile(match), path);
        }
        catch (CelException failure)
        {
            throw new SidecarStartException($"Subscription route {path}: {failure.Message}", failure);
        }
    }

    // Go reads field names without regard to case, and Dapr.AspNetCore writes "pubsubName".
    private static string? Text(JsonElement element, string name) => element.EnumerateObject()
        .FirstOrDefault(property => property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Value.ValueKind: JsonValueKind.String } found
        ? found.Value.GetString()
        : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "topic {Topic} has an empty routes. removing from subscriptions list")]
    private partial void EmptyRoutes(string topic);

    [LoggerMessage(Level = LogLevel.Error, Message = "The app answered {Status} to GET /dapr/subscribe; it gets no programmatic subscriptions")]
    private partial void Refused(int status);
}
