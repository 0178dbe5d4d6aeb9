using Dapr.Client;
using Eventide.Contracts;
using Eventide.Operations.Api;
using Eventide.Operations.Domain;
using Eventide.Operations.Messages;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Operations;

/// <summary>What happened to every order, and every message that nobody could handle.</summary>
public static class OperationsModule
{
    public static IServiceCollection AddOperations(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<OperationsOptions>().Bind(configuration.GetSection("Operations"));
        services.AddSingleton<Timelines>().AddSingleton<OrderList>().AddSingleton<LiveChanges>();
        services.AddHostedService<StuckOrders>();
        services.AddSingleton<DeadLetters>().AddSingleton<FailureReasons>().AddSingleton<Redrive>();
        services.AddHostedService<DeadLetterSweep>();
        services.AddSingleton(provider => provider.GetRequiredService<DaprClient>().CreateInvokableHttpClient());
        foreach (var topic in Subscriptions.ObservedTopics)
        {
            services.AddTopicObserver<RecordEvent>(topic);
            services.AddTopicObserver<KeepDeadLetter>(Topics.DeadLetter(Subscriptions.Observer, topic), raw: true);
        }

        foreach (var subscription in Subscriptions.All)
        {
            services.AddTopicObserver<KeepDeadLetter>(subscription.DeadLetterTopic, raw: true);
        }

        return services;
    }

    public static WebApplication MapOperations(this WebApplication app)
    {
        app.MapOrders();
        app.MapStream();
        app.MapDeadLetters();
        return app;
    }
}
