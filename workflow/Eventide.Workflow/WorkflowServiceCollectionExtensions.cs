using System.Text.Json;
using Dapr.Common.Serialization;
using Dapr.Workflow.Client;
using Dapr.Workflow.Registration;
using Dapr.Workflow.Serialization;
using Dapr.Workflow.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dapr.Workflow;

/// <summary>Adds workflows to an app: a hosted worker that runs them, and a <see cref="DaprWorkflowClient"/>.</summary>
public static class WorkflowServiceCollectionExtensions
{
    /// <summary>Adds a worker without explicit registrations.</summary>
    public static IServiceCollection AddDaprWorkflow(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        return AddCore(services, _ => { }, null, ServiceLifetime.Singleton);
    }

    /// <summary>Adds a worker that runs what <paramref name="configure"/> registers.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configure">Registers workflows and activities.</param>
    /// <param name="lifetime">How long a <see cref="DaprWorkflowClient"/> lives.</param>
    public static IServiceCollection AddDaprWorkflow(
        this IServiceCollection services,
        Action<WorkflowRuntimeOptions> configure,
        ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        return AddCore(services, configure, null, lifetime);
    }

    /// <summary>Adds a worker and gives a builder that configures serialisation and message sizes.</summary>
    /// <param name="services">The app's services.</param>
    /// <param name="configureRuntime">Registers workflows and activities.</param>
    /// <param name="configureClient">Configures the client.</param>
    /// <param name="lifetime">How long a <see cref="DaprWorkflowClient"/> lives.</param>
    public static DaprWorkflowBuilder AddDaprWorkflowBuilder(
        this IServiceCollection services,
        Action<WorkflowRuntimeOptions>? configureRuntime,
        Action<IServiceProvider, DaprWorkflowClientBuilder>? configureClient = null,
        ServiceLifetime lifetime = ServiceLifetime.Singleton)
    {
        ArgumentNullException.ThrowIfNull(services);
        return new DaprWorkflowBuilder(AddCore(services, configureRuntime ?? (_ => { }), configureClient, lifetime));
    }

    private static IServiceCollection AddCore(
        IServiceCollection services,
        Action<WorkflowRuntimeOptions> configure,
        Action<IServiceProvider, DaprWorkflowClientBuilder>? configureClient,
        ServiceLifetime lifetime)
    {
        var options = new WorkflowRuntimeOptions();
        configure(options);
        services.AddSingleton(options);
        services.TryAddSingleton(new GrpcMessageSizeLimits
        {
            Receive = options.GrpcChannelOptions?.MaxReceiveMessageSize,
            Send = options.GrpcChannelOptions?.MaxSendMessageSize,
        });
        services.TryAddSingleton<IDaprSerializer>(provider => provider.GetService<IWorkflowSerializer>() ?? (IDaprSerializer)new JsonDaprSerializer());
        services.TryAddSingleton(provider =>
            new SidecarConnection(provider.GetService<IConfiguration>(), provider.GetRequiredService<GrpcMessageSizeLimits>()));
        services.TryAddSingleton<IWorkflowsFactory>(provider =>
        {
            var factory = new WorkflowsFactory(provider.GetRequiredService<ILogger<WorkflowsFactory>>());
            // Generated registrations come last: the first registration of a name wins.
            WorkflowAutoRegistry.Apply(options);
            options.ApplyRegistrations(factory);
            return factory;
        });
        services.TryAddSingleton<WorkflowRunner>();
        services.TryAddSingleton<ActivityRunner>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, WorkflowWorker>());
        services.Add(new ServiceDescriptor(typeof(DaprWorkflowClient), BuildClient, lifetime));
        return services;

        object BuildClient(IServiceProvider provider)
        {
            var builder = new DaprWorkflowClientBuilder(provider.GetService<IConfiguration>()).UseServices(provider);
            configureClient?.Invoke(provider, builder);
            return builder.Build();
        }
    }

    /// <summary>Configures what <see cref="AddDaprWorkflowBuilder"/> added.</summary>
    public readonly struct DaprWorkflowBuilder : IDaprWorkflowBuilder
    {
        internal DaprWorkflowBuilder(IServiceCollection services) => Services = services;

        /// <summary>The app's services.</summary>
        public IServiceCollection Services { get; }

        /// <summary>Serialises payloads with <paramref name="serializer"/>.</summary>
        public DaprWorkflowBuilder WithSerializer(IDaprSerializer serializer)
        {
            ArgumentNullException.ThrowIfNull(serializer);
            Services.Replace(ServiceDescriptor.Singleton(serializer));
            return this;
        }

        /// <summary>Serialises payloads with what <paramref name="serializerFactory"/> makes.</summary>
        public DaprWorkflowBuilder WithSerializer(Func<IServiceProvider, IWorkflowSerializer> serializerFactory)
        {
            ArgumentNullException.ThrowIfNull(serializerFactory);
            Services.Replace(ServiceDescriptor.Singleton<IDaprSerializer>(serializerFactory));
            return this;
        }

        /// <summary>Serialises payloads as JSON, as <paramref name="jsonOptions"/> say.</summary>
        public DaprWorkflowBuilder WithJsonSerializer(JsonSerializerOptions jsonOptions)
        {
            ArgumentNullException.ThrowIfNull(jsonOptions);
            return WithSerializer(new JsonDaprSerializer(jsonOptions));
        }

        /// <summary>Limits the size of messages, in bytes, from and to the sidecar; null leaves a limit as it is.</summary>
        /// <exception cref="ArgumentOutOfRangeException">A limit is not positive.</exception>
        public DaprWorkflowBuilder WithGrpcMessageSizeLimits(int? maxReceiveMessageSize = null, int? maxSendMessageSize = null)
        {
            if (maxReceiveMessageSize is { } receive)
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(receive, nameof(maxReceiveMessageSize));

            if (maxSendMessageSize is { } send)
                ArgumentOutOfRangeException.ThrowIfNegativeOrZero(send, nameof(maxSendMessageSize));

            var limits = (GrpcMessageSizeLimits)Services.Last(service => service.ServiceType == typeof(GrpcMessageSizeLimits)).ImplementationInstance!;
            limits.Receive = maxReceiveMessageSize ?? limits.Receive;
            limits.Send = maxSendMessageSize ?? limits.Send;
            return this;
        }
    }
}
