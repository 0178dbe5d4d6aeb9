using System.Net.Http.Headers;
using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Expressions;
using Eventide.Sidecar.Resiliency;
using Eventide.Sidecar.Tracing;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks.PubSub;

/// <summary>
/// Brings one message to the app: routing, the inbound policy, SUCCESS / RETRY / DROP, and the dead-letter topic (Dapr: pkg/runtime/subscription).
/// Returning acknowledges; throwing leaves redelivery to the component. Thread-safe.
/// </summary>
internal sealed partial class TopicDelivery(IAppChannel app, IResiliencyPolicies policies, SidecarTracing tracing, TimeProvider time, ILogger<TopicDelivery> log)
{
    private static readonly Method<TopicEventRequest, TopicEventResponse> OnTopicEvent = new(
        MethodType.Unary, "dapr.proto.runtime.v1.AppCallback", "OnTopicEvent",
        Marshallers.Create(message => message.ToByteArray(), _ => new TopicEventRequest()),
        Marshallers.Create(_ => Array.Empty<byte>(), TopicEventResponse.Parser.ParseFrom));

    private static readonly MediaTypeHeaderValue CloudEvents = new(CloudEventEnvelope.ContentType);

    private enum Outcome
    {
        Done,
        Dropped,
    }

    /// <summary>Delivers <paramref name="message"/> to the matching route.</summary>
    public async Task DeliverAsync(TopicSubscription subscription, IPubSub component, PubSubMessage message, CancellationToken cancellationToken)
    {
        try
        {
            var body = subscription.RawPayload
                ? CloudEventEnvelope.WrapRaw(subscription.PubSub, subscription.Topic, message.Data)
                : message.Data;
            using var envelope = JsonDocument.Parse(body);
            if (IsExpired(envelope.RootElement))
            {
                await DeadLetterAsync(subscription, component, message, "expired", cancellationToken);
                return;
            }

            var route = subscription.Routes.FirstOrDefault(r => r.Match is null || r.Match.Matches(envelope.RootElement));
            if (route is null)
            {
                await DeadLetterAsync(subscription, component, message, "no route matches", cancellationToken);
                return;
            }

            var outcome = await policies.ForComponentInbound(subscription.PubSub, ComponentKind.Pubsub).ExecuteAsync(
                async token => app.IsGrpc
                    ? await SendGrpcAsync(subscription, route, envelope.RootElement, token)
                    : await SendHttpAsync(subscription, route, body, envelope.RootElement, message, token),
                cancellationToken);
            if (outcome == Outcome.Dropped)
            {
                await DeadLetterAsync(subscription, component, message, "the app answered DROP", cancellationToken);
            }
        }
        catch (Exception failure) when (subscription.DeadLetterTopic is not null && failure is DeliveryException or JsonException or CelException)
        {
            await DeadLetterAsync(subscription, component, message, failure.Message, cancellationToken);
        }
        catch (Exception failure)
        {
            Failed(failure, subscription.Topic);
            throw;
        }
    }

    private async Task<Outcome> SendHttpAsync(
        TopicSubscription subscription, Route route, ReadOnlyMemory<byte> body, JsonElement envelope, PubSubMessage message, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(route.Path.StartsWith('/') ? route.Path : "/" + route.Path, UriKind.Relative));
        request.Content = new ReadOnlyMemoryContent(body);
        request.Content.Headers.ContentType = CloudEvents;
        request.Headers.TryAddWithoutValidation("pubsubName", subscription.PubSub);
        foreach (var (name, value) in message.Metadata)
        {
            if (!name.Equals("content-length", StringComparison.OrdinalIgnoreCase) && !name.Equals("content-type", StringComparison.OrdinalIgnoreCase))
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }
        }

        using var span = tracing.BeginDelivery(subscription.PubSub, subscription.Topic, Text(envelope, "traceparent"));
        if (SidecarTracing.Of(span) is { } parent)
        {
            request.Headers.TryAddWithoutValidation("traceparent", parent);
        }

        HttpResponseMessage response;
        try
        {
            response = await app.SendAsync(request, cancellationToken);
        }
        catch (HttpRequestException failure)
        {
            throw new DeliveryException($"the app cannot be reached: {failure.Message}", failure);
        }

        using (response)
        {
            if (response.IsSuccessStatusCode)
            {
                return Read(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            }

            return (int)response.StatusCode == 404
                ? Outcome.Dropped
                : throw new DeliveryException($"the app answered {(int)response.StatusCode} on {route.Path}");
        }
    }

    private async Task<Outcome> SendGrpcAsync(TopicSubscription subscription, Route route, JsonElement envelope, CancellationToken cancellationToken)
    {
        var request = new TopicEventRequest
        {
            Id = Text(envelope, "id") ?? "",
            Source = Text(envelope, "source") ?? "",
            Type = Text(envelope, "type") ?? "",
            SpecVersion = Text(envelope, "specversion") ?? "",
            DataContentType = Text(envelope, "datacontenttype") ?? "",
            Topic = subscription.Topic,
            PubsubName = subscription.PubSub,
            Path = route.Path,
            Data = Data(envelope),
            Extensions = new Struct(),
        };
        foreach (var property in envelope.EnumerateObject())
        {
            if (property.Name is not ("id" or "source" or "type" or "specversion" or "datacontenttype" or "data" or "data_base64" or "topic" or "pubsubname"))
            {
                request.Extensions.Fields[property.Name] = JsonParser.Default.Parse<Value>(property.Value.GetRawText());
            }
        }

        var headers = new Grpc.Core.Metadata();
        using var span = tracing.BeginDelivery(subscription.PubSub, subscription.Topic, Text(envelope, "traceparent"));
        if (SidecarTracing.Of(span) is { } parent)
        {
            headers.Add("traceparent", parent);
        }

        try
        {
            var answer = await app.Grpc.AsyncUnaryCall(OnTopicEvent, null, new CallOptions(headers, cancellationToken: cancellationToken), request);
            return answer.Status switch
            {
                TopicEventResponse.Types.TopicEventResponseStatus.Success => Outcome.Done,
                TopicEventResponse.Types.TopicEventResponseStatus.Drop => Outcome.Dropped,
                _ => throw new DeliveryException("the app answered RETRY"),
            };
        }
        catch (RpcException failure) when (failure.StatusCode == StatusCode.Unimplemented)
        {
            // As daprd: an app without the callback gets no message twice, and none is dead-lettered for it.
            return Outcome.Done;
        }
        catch (RpcException failure)
        {
            throw new DeliveryException($"the app answered {failure.Status}", failure);
        }
    }

    private async Task DeadLetterAsync(
        TopicSubscription subscription, IPubSub component, PubSubMessage message, string reason, CancellationToken cancellationToken)
    {
        if (subscription.DeadLetterTopic is not { } topic)
        {
            Dropped(subscription.Topic, reason);
            return;
        }

        DeadLettered(subscription.Topic, topic, reason);
        await component.PublishAsync(message with { Topic = topic }, cancellationToken);
    }

    private static Outcome Read(byte[] body)
    {
        if (body.Length == 0)
        {
            return Outcome.Done;
        }

        string? status;
        try
        {
            using var answer = JsonDocument.Parse(body);
            status = answer.RootElement.ValueKind == JsonValueKind.Object ? Text(answer.RootElement, "status") : null;
        }
        catch (JsonException)
        {
            return Outcome.Done;
        }

        return status switch
        {
            null or "" or "SUCCESS" => Outcome.Done,
            "DROP" => Outcome.Dropped,
            "RETRY" => throw new DeliveryException("the app answered RETRY"),
            _ => throw new DeliveryException($"the app answered the unknown status {status}"),
        };
    }

    private bool IsExpired(JsonElement envelope) =>
        Text(envelope, "expiration") is { } text && DateTimeOffset.TryParse(text, out var expiration) && expiration < time.GetUtcNow();

    private static ByteString Data(JsonElement envelope) =>
        envelope.TryGetProperty("data_base64", out var base64) ? ByteString.CopyFrom(base64.GetBytesFromBase64())
        : !envelope.TryGetProperty("data", out var data) ? ByteString.Empty
        : data.ValueKind == JsonValueKind.String && Text(envelope, "datacontenttype") is { } type && !type.Contains("json", StringComparison.OrdinalIgnoreCase)
            ? ByteString.CopyFromUtf8(data.GetString()!)
            : ByteString.CopyFromUtf8(data.GetRawText());

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [LoggerMessage(Level = LogLevel.Warning, Message = "Delivery of a message of {Topic} failed; the broker delivers it again")]
    private partial void Failed(Exception failure, string topic);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Topic} went to the dead-letter topic {DeadLetterTopic}: {Reason}")]
    private partial void DeadLettered(string topic, string deadLetterTopic, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "A message of {Topic} was dropped, there is no dead-letter topic: {Reason}")]
    private partial void Dropped(string topic, string reason);
}

/// <summary>The app did not take a message this time.</summary>
internal sealed class DeliveryException(string message, Exception? cause = null) : Exception(message, cause);
