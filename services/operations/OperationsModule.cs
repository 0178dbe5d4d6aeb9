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
    /// <param name="shape">Which apps there are; by default one per service.</param>
    public static IServiceCollection AddOperations(this IServiceCollection services, IConfiguration configuration, ShopShape? shape = null)
    {
        shape ??= ShopShape.Services;
        services.AddOptions<OperationsOptions>().Bind(configuration.GetSection("Operations"));
        services.AddSingleton<Timelines>().AddSingleton<OrderList>().AddSingleton<LiveChanges>();
        services.AddHostedService<StuckOrders>();
        services.AddSingleton(shape).AddSingleton<DeadLetters>().AddSingleton<FailureReasons>().AddSingleton<Redrive>();
        services.AddHostedService<DeadLetterSweep>();
        services.AddSingleton(provider => provider.GetRequiredService<DaprClient>().CreateInvokableHttpClient());
        foreach (var topic in Subscriptions.ObservedTopics)
        {
            services.AddTopicObserver<RecordEvent>(topic);
        }

        foreach (var topic in shape.DeadLetterTopics.Keys)
        {
            services.AddTopicObserver<KeepDeadLetter>(topic, raw: true);
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
