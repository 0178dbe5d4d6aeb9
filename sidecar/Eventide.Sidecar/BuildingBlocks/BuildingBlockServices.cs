using Eventide.Sidecar.Api.Grpc;
using Eventide.Sidecar.Api.Http;
using Eventide.Sidecar.AppChannel;
using Eventide.Sidecar.BuildingBlocks.Invocation;
using Eventide.Sidecar.BuildingBlocks.Metadata;
using Eventide.Sidecar.BuildingBlocks.PubSub;
using Eventide.Sidecar.BuildingBlocks.Secrets;
using Eventide.Sidecar.BuildingBlocks.State;
using Eventide.Sidecar.BuildingBlocks.Workflow;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.PubSub;
using Eventide.Sidecar.Components.PubSub.Kafka;
using Eventide.Sidecar.Components.PubSub.RabbitMq;
using Eventide.Sidecar.Components.PubSub.Redis;
using Eventide.Sidecar.Components.PubSub.Sqlite;
using Eventide.Sidecar.Components.Secrets;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Components.State.PostgreSql;
using Eventide.Sidecar.Components.State.Redis;
using Eventide.Sidecar.Configuration;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Metrics;
using Eventide.Sidecar.NameResolution;
using Eventide.Sidecar.Resiliency;
using Eventide.Sidecar.Resources;
using Eventide.Sidecar.Tracing;
using Grpc.AspNetCore.Server.Model;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.BuildingBlocks;

/// <summary>What one sidecar is made of; the order of the blocks is the order in which they open.</summary>
internal static class BuildingBlockServices
{
    public static IServiceCollection AddBuildingBlocks(this IServiceCollection services, SidecarHost host, SidecarOptions options)
    {
        services.AddSingleton(host).AddSingleton(options).AddSingleton(host.Time).AddSingleton<SidecarLife>().AddSingleton(host.Shared);
        services.AddSingleton(ResourceLoader.Load(options));
        services.AddSingleton(ConfigurationLoader.Load(options));
        services.AddSingleton<SidecarTracing>().AddSingleton<SidecarMetrics>().AddSingleton<ApiAccess>().AddSingleton<NameDirectory>();
        services.AddSingleton<ComponentResolver>();
        services.AddSingleton(typeof(ComponentRegistry<>));
        services.AddSingleton(new ComponentContext(
            options.AppId, options.Namespace, options.WorkingDirectory, options.Variables, host.Time, options.Loggers ?? host.Loggers, host.Shared));
        services.AddSingleton<AppChannel.AppChannel>();
        services.AddSingleton<IAppChannel>(provider => provider.GetRequiredService<AppChannel.AppChannel>());
        services.AddSingleton<AppHealth>();
        services.AddSingleton<IServiceMethodProvider<DaprGrpcService>, DaprGrpcMethodProvider>();
        services.AddSingleton<DaprGrpcService>();
        return services.AddBlock<ComponentTypes>().AddSecrets().AddState().AddResiliency().AddPubSub().AddWorkflow().AddInvocation().AddMetadata();
    }

    private static IServiceCollection AddSecrets(this IServiceCollection services) => services
        .AddSingleton<SecretStores>()
        .AddSingleton<IComponentFactory<ISecretStore>, LocalFileSecretStoreFactory>()
        .AddSingleton<IComponentFactory<ISecretStore>, LocalEnvSecretStoreFactory>()
        .AddBlock<SecretsBlock>()
        .AddSingleton<IHttpRoutes>(provider => provider.GetRequiredService<SecretsBlock>())
        .AddSingleton<IGrpcMethods>(provider => provider.GetRequiredService<SecretsBlock>());

    private static IServiceCollection AddState(this IServiceCollection services) => services
        .AddSingleton<IComponentFactory<IStateStore>, InMemoryStateStoreFactory>()
        .AddSingleton<IComponentFactory<IStateStore>, SqliteStateStoreFactory>()
        .AddSingleton<IComponentFactory<IStateStore>, PostgreSqlStateStoreFactory>()
        .AddSingleton<IComponentFactory<IStateStore>, RedisStateStoreFactory>()
        .AddSingleton<ActorStateStore>()
        .AddBlock<StateBlock>()
        .AddSingleton<IHttpRoutes, StateRoutes>()
        .AddSingleton<IGrpcMethods, StateMethods>();

    private static IServiceCollection AddResiliency(this IServiceCollection services) => services
        .AddSingleton<IResiliencyPolicies, ResiliencyPolicies>();

    private static IServiceCollection AddPubSub(this IServiceCollection services) => services
        .AddSingleton<IComponentFactory<IPubSub>, InMemoryPubSubFactory>()
        .AddSingleton<IComponentFactory<IPubSub>, SqlitePubSubFactory>()
        .AddSingleton<IComponentFactory<IPubSub>, RabbitMqPubSubFactory>()
        .AddSingleton<IComponentFactory<IPubSub>, KafkaPubSubFactory>()
        .AddSingleton<IComponentFactory<IPubSub>, RedisPubSubFactory>()
        .AddSingleton<PubSubComponents>()
        .AddSingleton<TopicPublisher>()
        .AddSingleton<SubscriptionSource>()
        .AddSingleton<DeadLetters>()
        .AddSingleton<TopicDelivery>()
        .AddSingleton<SubscriptionRunner>()
        .AddSingleton<StreamSubscriptions>()
        .AddSingleton<IGrpcMethods>(provider => provider.GetRequiredService<StreamSubscriptions>())
        .AddBlock<PubSubBlock>()
        .AddSingleton<IMetadataContributor>(provider => provider.GetRequiredService<PubSubBlock>())
        .AddSingleton<IHttpRoutes, PubSubRoutes>()
        .AddSingleton<IGrpcMethods, PubSubMethods>();

    private static IServiceCollection AddWorkflow(this IServiceCollection services) => services
        .AddBlock<WorkflowBlock>()
        .AddSingleton<IMetadataContributor>(provider => provider.GetRequiredService<WorkflowBlock>())
        .AddSingleton<WorkflowOperations>()
        .AddSingleton<WorkflowManagement>()
        .AddSingleton<IHttpRoutes, WorkflowRoutes>()
        .AddSingleton<IGrpcMethods, WorkflowMethods>()
        .AddSingleton<TaskHubService>()
        .AddSingleton<IGrpcServices, TaskHubMapping>();

    private static IServiceCollection AddInvocation(this IServiceCollection services) => services
        .AddSingleton<InvocationTargets>()
        .AddSingleton<GrpcProxy>()
        .AddSingleton<AppInvoker>()
        .AddSingleton<IGrpcMethods>(provider => provider.GetRequiredService<AppInvoker>())
        .AddSingleton<IHttpRoutes, InvocationRoutes>();

    private static IServiceCollection AddMetadata(this IServiceCollection services) => services
        .AddSingleton<IMetadataContributor, ComponentMetadataContributor>()
        .AddSingleton<MetadataDescription>()
        .AddSingleton<IHttpRoutes, MetadataRoutes>()
        .AddSingleton<IGrpcMethods, MetadataMethods>()
        .AddSingleton<IHttpRoutes, UnservedRoutes>();

    private static IServiceCollection AddBlock<TBlock>(this IServiceCollection services) where TBlock : class, IBuildingBlock => services
        .AddSingleton<TBlock>()
        .AddSingleton<IBuildingBlock>(provider => provider.GetRequiredService<TBlock>());
}
