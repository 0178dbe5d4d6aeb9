namespace Eventide.Saga.Tests.Hosting;

/// <summary>The embedded components with the short waits of a test.</summary>
internal static class TestComponents
{
    public static void Write(string folder)
    {
        var components = Directory.CreateDirectory(Path.Combine(folder, "components")).FullName;
        File.WriteAllText(Path.Combine(components, "pubsub.yaml"),
            """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.sqlite
              version: v1
              metadata:
                - name: connectionString
                  value: data/pubsub.db
                - name: redeliverInterval
                  value: 50ms
            """);
        File.WriteAllText(Path.Combine(components, "resiliency.yaml"),
            """
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata:
              name: delivery
            spec:
              policies:
                retries:
                  redeliver:
                    policy: constant
                    duration: 50ms
                    maxRetries: 400
              targets:
                components:
                  pubsub:
                    inbound:
                      retry: redeliver
            """);
        foreach (var module in Module.All.Append(Module.Monolith))
        {
            File.WriteAllText(Path.Combine(components, $"{module.App}-store.yaml"),
                $$"""
                apiVersion: dapr.io/v1alpha1
                kind: Component
                metadata:
                  name: {{module.App}}-store
                spec:
                  type: state.sqlite
                  version: v1
                  metadata:
                    - name: connectionString
                      value: data/{appID}.db
                    - name: actorStateStore
                      value: "{{(module.App == "ordering" || module == Module.Monolith ? "true" : "false")}}"
                scopes:
                - {{module.App}}
                """);
        }

        File.WriteAllText(Path.Combine(folder, "secrets.json"), """{"payment-provider-key":"sk_test"}""");
        File.WriteAllText(Path.Combine(components, "secrets.yaml"),
            """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: secrets
            spec:
              type: secretstores.local.file
              version: v1
              metadata:
                - name: secretsFile
                  value: secrets.json
            """);
    }
}
