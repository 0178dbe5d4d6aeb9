using System.Text.Json.Nodes;
using Dapr.Client.Autogen.Grpc.v1;
using Eventide.Sidecar.Api.Grpc;
using Eventide.Sidecar.Hosting;
using Google.Protobuf.WellKnownTypes;

namespace Eventide.Sidecar.BuildingBlocks.Metadata;

/// <summary>Metadata and shutdown over gRPC (Dapr: pkg/api/universal/metadata.go).</summary>
internal sealed class MetadataMethods(MetadataDescription description, SidecarLife life) : IGrpcMethods
{
    /// <inheritdoc/>
    public void Register(GrpcMethodRegistrar registrar)
    {
        registrar.Unary<GetMetadataRequest, GetMetadataResponse>("GetMetadata", (_, _) => Task.FromResult(Message(description.Describe())));
        registrar.Unary<SetMetadataRequest, Empty>("SetMetadata", (request, _) =>
        {
            description.Set(request.Key, request.Value);
            return Task.FromResult(new Empty());
        });
        registrar.Unary<ShutdownRequest, Empty>("Shutdown", (_, _) =>
        {
            life.RequestShutdown();
            return Task.FromResult(new Empty());
        });
    }

    private static GetMetadataResponse Message(JsonObject json)
    {
        var connection = json["appConnectionProperties"]!.AsObject();
        var message = new GetMetadataResponse
        {
            Id = Text(json, "id"),
            RuntimeVersion = Text(json, "runtimeVersion"),
            AppConnectionProperties = new AppConnectionProperties
            {
                Port = Number(connection, "port"),
                Protocol = Text(connection, "protocol"),
                ChannelAddress = Text(connection, "channelAddress"),
                MaxConcurrency = Number(connection, "maxConcurrency"),
            },
        };
        foreach (var (name, value) in json["extended"]!.AsObject())
        {
            message.ExtendedMetadata.Add(name, value!.GetValue<string>());
        }

        foreach (var component in Objects(json, "components"))
        {
            var entry = new RegisteredComponents { Name = Text(component, "name"), Type = Text(component, "type"), Version = Text(component, "version") };
            entry.Capabilities.Add(component["capabilities"]!.AsArray().Select(capability => capability!.GetValue<string>()));
            message.RegisteredComponents.Add(entry);
        }

        message.Subscriptions.Add(Objects(json, "subscriptions").Select(Subscription));
        return message;
    }

    private static PubsubSubscription Subscription(JsonObject json)
    {
        var rules = new PubsubSubscriptionRules();
        rules.Rules.Add(Objects(json, "rules").Select(rule => new PubsubSubscriptionRule { Match = Text(rule, "match"), Path = Text(rule, "path") }));
        return new PubsubSubscription
        {
            PubsubName = Text(json, "pubsubname"),
            Topic = Text(json, "topic"),
            DeadLetterTopic = Text(json, "deadLetterTopic"),
            Rules = rules,
            Type = System.Enum.TryParse<PubsubSubscriptionType>(Text(json, "type"), ignoreCase: true, out var type) ? type : PubsubSubscriptionType.Unknown,
        };
    }

    private static IEnumerable<JsonObject> Objects(JsonObject json, string name) => (json[name] as JsonArray ?? []).Select(item => item!.AsObject());

    private static string Text(JsonObject json, string name) => json[name]?.GetValue<string>() ?? "";

    private static int Number(JsonObject json, string name) => json[name]?.GetValue<int>() ?? 0;
}
