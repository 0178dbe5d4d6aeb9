using System.Text.Json;
using Dapr.AppCallback.Autogen.Grpc.v1;
using Eventide.Contracts;
using Eventide.ServiceDefaults.SignIn;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Authorization;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>What Dapr calls on an app that speaks gRPC. Messages come with the token of APP_API_TOKEN; Dapr asks for subscriptions and health without. Thread-safe.</summary>
internal sealed class GrpcAppCallback(EventDispatcher dispatcher, ServiceIdentity service) : AppCallback.AppCallbackBase
{
    /// <summary>One subscription per topic. The default route takes every type that no rule names; without one, Dapr would dead-letter those.</summary>
    public override Task<ListTopicSubscriptionsResponse> ListTopicSubscriptions(Empty request, ServerCallContext context)
    {
        var response = new ListTopicSubscriptionsResponse();
        foreach (var (topic, types) in dispatcher.Subscriptions)
        {
            var path = $"/events/{topic}";
            response.Subscriptions.Add(new TopicSubscription
            {
                PubsubName = Topics.PubSub,
                Topic = topic,
                DeadLetterTopic = Topics.DeadLetter(service.AppId, topic),
                Routes = new TopicRoutes
                {
                    Rules = { types.Select(type => new TopicRule { Match = $"event.type == \"{type}\"", Path = $"{path}/{type}" }) },
                    Default = path,
                },
            });
        }

        return Task.FromResult(response);
    }

    /// <summary>
    /// Handles one message. Always an answer, never an error for a message that cannot be handled: UNIMPLEMENTED would acknowledge it unseen.
    /// </summary>
    [Authorize(SidecarSignIn.Policy)]
    public override async Task<TopicEventResponse> OnTopicEvent(TopicEventRequest request, ServerCallContext context)
    {
        using var data = Parse(request);
        var status = await dispatcher.DispatchAsync(
            new Delivery(request.Topic, request.Id, request.Type, data?.RootElement ?? default), context.CancellationToken);
        return new TopicEventResponse
        {
            Status = status switch
            {
                DeliveryStatus.Success => TopicEventResponse.Types.TopicEventResponseStatus.Success,
                DeliveryStatus.Drop => TopicEventResponse.Types.TopicEventResponseStatus.Drop,
                _ => TopicEventResponse.Types.TopicEventResponseStatus.Retry,
            },
        };
    }

    /// <summary>No binding calls this service.</summary>
    public override Task<ListInputBindingsResponse> ListInputBindings(Empty request, ServerCallContext context) => Task.FromResult(new ListInputBindingsResponse());

    // Null is a message without data: the handlers of its type refuse it with a reason, and types that nobody handles pass.
    private static JsonDocument? Parse(TopicEventRequest request)
    {
        try
        {
            return JsonDocument.Parse(request.Data.Memory);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
