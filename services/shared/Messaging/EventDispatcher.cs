using System.Diagnostics;
using System.Text.Json;
using Dapr;
using Eventide.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.ServiceDefaults.Messaging;

/// <summary>Runs the handlers of a message and says SUCCESS, RETRY or DROP; never another status, because those mean different things to different brokers.</summary>
public sealed partial class EventDispatcher(IEnumerable<HandlerRegistration> registrations, IServiceProvider services, ILogger<EventDispatcher> log)
{
    internal static readonly ActivitySource Source = new("Eventide.Messaging");
    private readonly ILookup<string, HandlerRegistration> _byType = registrations.ToLookup(registration => registration.Type);

    /// <summary>The topics to subscribe to.</summary>
    public IReadOnlyCollection<string> Topics { get; } = registrations.Select(registration => registration.Topic).Distinct().ToList();

    /// <summary>Handles one CloudEvent; a type that nobody here handles is a success.</summary>
    public async Task<string> DispatchAsync(JsonElement envelope, CancellationToken cancellationToken)
    {
        var type = envelope.TryGetProperty("type", out var name) ? name.GetString() ?? "" : "";
        try
        {
            foreach (var registration in _byType[type])
            {
                await using var scope = services.CreateAsyncScope();
                await registration.Invoke(scope.ServiceProvider, envelope.GetProperty("data"), cancellationToken);
            }

            return "SUCCESS";
        }
        catch (Exception failure) when (failure is JsonException or KeyNotFoundException)
        {
            Unreadable(failure, type);
            return "DROP";
        }
        catch (Exception failure)
        {
            Failed(failure, type);
            return "RETRY";
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "An event of type {Type} cannot be read; it goes to the dead letters")]
    private partial void Unreadable(Exception failure, string type);

    [LoggerMessage(Level = LogLevel.Warning, Message = "An event of type {Type} could not be handled; it is delivered again")]
    private partial void Failed(Exception failure, string type);
}

/// <summary>One route per topic, so that several modules in one process share one delivery.</summary>
public static class EventSubscriptionExtensions
{
    /// <summary>Maps a subscription for every topic that a handler is registered for.</summary>
    public static void MapEventSubscriptions(this WebApplication app)
    {
        var dispatcher = app.Services.GetRequiredService<EventDispatcher>();
        var service = app.Services.GetRequiredService<ServiceIdentity>();
        foreach (var topic in dispatcher.Topics)
        {
            app.MapPost($"/events/{topic}", async (HttpContext context) =>
            {
                using var envelope = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
                return Results.Json(new { status = await dispatcher.DispatchAsync(envelope.RootElement, context.RequestAborted) });
            }).WithTopic(new TopicOptions
            {
                PubsubName = Topics.PubSub, Name = topic, DeadLetterTopic = Topics.DeadLetter(service.AppId, topic),
            });
        }

        app.MapSubscribeHandler();
    }
}
