using Eventide.Charts.Tests.Models;
using Eventide.Charts.Tests.Support;
using k8s;

namespace Eventide.Charts.Tests;

/// <summary>Every object is read into the model of its kind. An unknown field, a wrong type and a removed API fail here; required fields and enums in <see cref="KubernetesSchemaTests"/>.</summary>
public sealed class StrictModelTests
{
    private static readonly Dictionary<string, Type> CustomKinds = new(StringComparer.Ordinal)
    {
        ["dapr.io/v1alpha1/Component"] = typeof(Component),
        ["dapr.io/v1alpha1/Configuration"] = typeof(Configuration),
        ["dapr.io/v1alpha1/Resiliency"] = typeof(Resiliency),
        ["keda.sh/v1alpha1/ScaledObject"] = typeof(ScaledObject),
        ["keda.sh/v1alpha1/TriggerAuthentication"] = typeof(TriggerAuthentication),
        ["monitoring.coreos.com/v1/ServiceMonitor"] = typeof(ServiceMonitor),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(PrometheusRule),
        ["gateway.networking.k8s.io/v1/HTTPRoute"] = typeof(HttpRoute),
    };

    [Fact]
    public async Task Every_object_of_every_render_fits_its_model()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var faults = new List<string>();
        foreach (var render in await Matrix.RenderAsync())
        {
            foreach (var item in render.Objects)
            {
                if (seen.Add(item.ToYaml()))
                {
                    faults.AddRange(Faults(item.ToYaml()).Select(fault => $"{render.Options}: {item}: {fault}"));
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
        Assert.True(seen.Count > 300, $"Only {seen.Count} different objects were read.");
    }

    [Theory]
    [InlineData("spec:\n  replicas: 1", "spec:\n  replicaz: 1", "replicaz")]
    [InlineData("spec:\n  replicas: 1", "spec:\n  replicas: two", "two")]
    [InlineData("apiVersion: apps/v1", "apiVersion: apps/v1beta1", "apps/v1beta1")]
    public void A_fault_in_an_object_is_found(string right, string wrong, string named)
    {
        const string Deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replicas: 1\n";
        Assert.Empty(Faults(Deployment));

        Assert.Contains(Faults(Deployment.Replace(right, wrong, StringComparison.Ordinal)), fault => fault.Contains(named, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("minReplicaCount: 1", "minReplicas: 1")]
    [InlineData("type: redis-streams", "kind: redis-streams")]
    [InlineData("behavior: static", "behavior: hold")]
    [InlineData("name: shop", "nam: shop")]
    public void A_fault_in_a_custom_object_is_found(string right, string wrong)
    {
        const string Scaled = """
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata:
              name: a
            spec:
              scaleTargetRef:
                name: shop
              minReplicaCount: 1
              maxReplicaCount: 2
              fallback:
                failureThreshold: 3
                replicas: 1
                behavior: static
              triggers:
                - type: redis-streams
                  metadata:
                    stream: orders

            """;
        Assert.Empty(Faults(Scaled));

        Assert.NotEmpty(Faults(Scaled.Replace(right, wrong, StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Faults(string yaml)
    {
        try
        {
            return [.. KubernetesYaml.LoadAllFromString(yaml, CustomKinds, strict: true).OfType<CustomResource>().SelectMany(item => ModelCheck.Faults(item))];
        }
        catch (Exception wrong) when (wrong is YamlDotNet.Core.YamlException or KeyNotFoundException)
        {
            return [$"{wrong.Message} {wrong.InnerException?.Message}"];
        }
    }
}
