using System.Globalization;
using System.Text.RegularExpressions;
using Eventide.Charts.Tests.Support;
using YamlDotNet.RepresentationModel;

namespace Eventide.Charts.Tests;

/// <summary>What a platform team's admission policies would ask of every render.</summary>
public sealed partial class PolicyTests
{
    private const string Sidecar = "dapr.io/sidecar-";

    [Fact]
    public Task Pods_are_restricted_by_the_Pod_Security_Standards() => ForEachPodAsync((item, pod) =>
    [
        .. Expect("true", pod, "securityContext", "runAsNonRoot"),
        .. Expect("RuntimeDefault", pod, "securityContext", "seccompProfile", "type"),
        .. new[] { "hostNetwork", "hostPID", "hostIPC", "hostUsers" }.Where(key => KubernetesObject.At(pod, key) is not null).Select(key => $"has {key}"),
        .. KubernetesObject.Items(pod, "volumes").Where(volume => KubernetesObject.At(volume, "hostPath") is not null).Select(_ => "mounts a path of the node"),
        .. item.Containers().SelectMany(container => (IEnumerable<string>)
        [
            .. Expect("false", container, "securityContext", "allowPrivilegeEscalation"),
            .. Expect("true", container, "securityContext", "runAsNonRoot"),
            .. Expect("true", container, "securityContext", "readOnlyRootFilesystem"),
            .. KubernetesObject.Items(container, "securityContext", "capabilities", "drop") is [YamlScalarNode { Value: "ALL" }] ? [] : new[] { "keeps capabilities" },
            .. KubernetesObject.At(container, "securityContext", "capabilities", "add") is null ? [] : new[] { "adds capabilities" },
        ]),
    ]);

    [Fact]
    public Task Every_container_and_sidecar_has_requests_and_limits() => ForEachPodAsync((item, _) =>
    [
        .. from container in item.Containers()
           from kind in new[] { "requests", "limits" }
           from resource in new[] { "cpu", "memory" }
           where KubernetesObject.Text(container, "resources", kind, resource) is null
           select $"{KubernetesObject.Text(container, "name")} has no {kind}.{resource}",
        .. from kind in item.Kind == "Deployment" ? new[] { "request", "limit" } : []
           from resource in new[] { "cpu", "memory" }
           where !item.Map("spec", "template", "metadata", "annotations").ContainsKey($"{Sidecar}{resource}-{kind}")
           select $"the sidecar has no {resource} {kind}",
    ]);

    [Fact]
    public Task A_service_has_the_tokens_that_its_sidecar_asks_for_and_shows() => ForEachPodAsync((item, _) => item.Kind != "Deployment" ? [] :
        from token in new[] { (Annotation: "dapr.io/api-token-secret", Variable: "DAPR_API_TOKEN"), (Annotation: "dapr.io/app-token-secret", Variable: "APP_API_TOKEN") }
        let ofSidecar = item.Map("spec", "template", "metadata", "annotations").GetValueOrDefault(token.Annotation)
        let ofService = KubernetesObject.Items(item.Containers()[0], "env")
            .Where(variable => KubernetesObject.Text(variable, "name") == token.Variable)
            .Select(variable => KubernetesObject.Text(variable, "valueFrom", "secretKeyRef", "name")).SingleOrDefault()
        where ofSidecar != ofService
        select $"{token.Variable} comes from {ofService ?? "nowhere"}, the sidecar's from {ofSidecar ?? "nowhere"}");

    [Fact]
    public Task Images_have_a_version_or_a_digest() => ForEachPodAsync((item, _) => item.Containers()
        .Select(container => KubernetesObject.Text(container, "image")!)
        .Where(image => image.EndsWith(":latest", StringComparison.Ordinal) || !VersionedImage().IsMatch(image))
        .Select(image => $"image {image}"));

    [Fact]
    public Task Services_have_three_different_probes_and_end_in_order() => ForEachPodAsync((item, pod) => item.Kind != "Deployment" ? [] :
    [
        .. from probe in new[] { "startupProbe", "livenessProbe", "readinessProbe" }
           where KubernetesObject.At(item.Containers()[0], probe, "httpGet", "path") is null
           select $"has no {probe}",
        .. Expect("/livez", item.Containers()[0], "livenessProbe", "httpGet", "path"),
        .. Expect("/healthz", item.Containers()[0], "readinessProbe", "httpGet", "path"),
        .. GracePeriod(item, pod),
    ]);

    [Fact]
    public async Task No_secret_is_written_in_plain_text()
    {
        foreach (var render in await Matrix.RenderAsync())
        {
            Assert.Empty(render.Of("Secret"));
            foreach (var setting in render.Of("Component").SelectMany(component => component.Items("spec", "metadata")))
            {
                var name = KubernetesObject.Text(setting, "name")!;
                if (SecretSetting().IsMatch(name))
                {
                    Assert.True(KubernetesObject.At(setting, "value") is null, $"{render.Options}: {name} has a value");
                    Assert.NotNull(KubernetesObject.Text(setting, "secretKeyRef", "name"));
                }
            }

            Assert.DoesNotMatch(CredentialsInUrl(), render.Text);
        }
    }

    [Fact]
    public async Task A_service_is_scaled_by_one_autoscaler_or_has_replicas()
    {
        foreach (var render in await Matrix.RenderAsync())
        {
            var scaled = render.Objects.Where(item => item.Kind is "HorizontalPodAutoscaler" or "ScaledObject")
                .ToLookup(item => item.Text("spec", "scaleTargetRef", "name")!);
            foreach (var deployment in render.Of("Deployment"))
            {
                var count = scaled[deployment.Name].Count();
                Assert.True(count <= 1, $"{render.Options}: {deployment.Name} has {count} autoscalers.");
                Assert.True((deployment.Text("spec", "replicas") is null) == (count == 1), $"{render.Options}: {deployment.Name} has {count} autoscalers and replicas {deployment.Text("spec", "replicas")}.");
            }

            Assert.All(scaled, group => Assert.Contains(render.Of("Deployment"), deployment => deployment.Name == group.Key));
        }
    }

    [Fact]
    public async Task A_budget_for_disruptions_leaves_room_for_one()
    {
        foreach (var render in await Matrix.RenderAsync())
        {
            foreach (var budget in render.Of("PodDisruptionBudget"))
            {
                var fewest = render.Objects.Where(item => item.Kind is "HorizontalPodAutoscaler" or "ScaledObject" && item.Name == budget.Name)
                    .Select(item => item.Text("spec", "minReplicas") ?? item.Text("spec", "minReplicaCount"))
                    .Append(render.Of("Deployment").Single(item => item.Name == budget.Name).Text("spec", "replicas")).First(text => text is not null);
                Assert.True(int.Parse(fewest!, CultureInfo.InvariantCulture) >= 2, $"{render.Options}: {budget}");
            }
        }
    }

    [Fact]
    public async Task Only_who_reads_secrets_has_the_token_of_its_account()
    {
        foreach (var render in await Matrix.RenderAsync())
        {
            foreach (var deployment in render.Of("Deployment"))
            {
                var reads = render.Of("Role").Any(role => role.Name == $"{deployment.Name}-secrets");
                Assert.Equal(reads ? "true" : "false", KubernetesObject.Text(deployment.PodSpec(), "automountServiceAccountToken"));
            }

            Assert.All(render.Of("Role"), role => Assert.All(role.Items("rules"), rule => Assert.NotEmpty(KubernetesObject.Items(rule, "resourceNames"))));
        }
    }

    private static IEnumerable<string> GracePeriod(KubernetesObject item, YamlNode pod)
    {
        var annotations = item.Map("spec", "template", "metadata", "annotations");
        var block = int.Parse(annotations["dapr.io/block-shutdown-duration"].TrimEnd('s'), CultureInfo.InvariantCulture);
        var graceful = int.Parse(annotations["dapr.io/graceful-shutdown-seconds"], CultureInfo.InvariantCulture);
        var sleep = int.Parse(KubernetesObject.Text(item.Containers()[0], "lifecycle", "preStop", "sleep", "seconds") ?? "0", CultureInfo.InvariantCulture);
        const int Drain = 30;
        if (int.Parse(KubernetesObject.Text(pod, "terminationGracePeriodSeconds")!, CultureInfo.InvariantCulture) < sleep + block + Drain + graceful)
        {
            yield return "is killed before its sidecar has ended";
        }
    }

    private static IEnumerable<string> Expect(string value, YamlNode node, params string[] path) =>
        KubernetesObject.Text(node, path) == value ? [] : [$"{string.Join('.', path)} is {KubernetesObject.Text(node, path) ?? "missing"}, not {value}"];

    private static async Task ForEachPodAsync(Func<KubernetesObject, YamlNode, IEnumerable<string>> check)
    {
        var faults = new List<string>();
        foreach (var render in await Matrix.RenderAsync())
        {
            foreach (var item in render.Objects)
            {
                if (item.PodSpec() is { } pod)
                {
                    faults.AddRange(check(item, pod).Select(fault => $"{render.Options}: {item} {fault}"));
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults.Take(20)));
    }

    [GeneratedRegex(@"^[a-z0-9./-]+(:[0-9][\w.-]*|@sha256:[0-9a-f]{64})$")]
    private static partial Regex VersionedImage();

    [GeneratedRegex("(?i)password|secretKey$|accessKey|connectionString|token")]
    private static partial Regex SecretSetting();

    [GeneratedRegex(@"\w+://[^/\s""]*:[^/\s""]*@")]
    private static partial Regex CredentialsInUrl();
}
