using Eventide.Charts.Tests.Support;

namespace Eventide.Charts.Tests;

public sealed class BadValuesTests
{
    [Theory]
    [InlineData("broker=\"nats\"", "broker must be one of the following: \"redis\", \"rabbitmq\", \"kafka\", \"servicebus\", \"snssqs\"")]
    [InlineData("stateStore=\"mysql\"", "stateStore must be one of the following: \"redis\", \"postgresql\"")]
    [InlineData("autoscaling.mode=\"vpa\"", "autoscaling.mode must be one of the following: \"none\", \"hpa\", \"keda\"")]
    [InlineData("services.catalog.replicas=\"two\"", "services.catalog.replicas: Invalid type. Expected: integer, given: string")]
    [InlineData("services.catalog.autoscalling={\"mode\":\"hpa\"}", "services.catalog: Additional property autoscalling is not allowed")]
    [InlineData("services.catalog.autoscaling.max=0", "services.catalog.autoscaling.max: Must be greater than or equal to 1")]
    [InlineData("services.catalog.autoscaling.signals=[\"memory\"]", "services.catalog.autoscaling.signals.0: services.catalog.autoscaling.signals.0 must be one of the following: \"backlog\", \"cpu\"")]
    [InlineData("services.catalog.resources.limits={\"cpu\":\"1\"}", "memory is required")]
    [InlineData("services.catalog.resources.requests.memory=\"plenty\"", "services.catalog.resources.requests.memory: Does not match pattern")]
    [InlineData("services.catalog.subscribes=\"inventory\"", "services.catalog.subscribes: Invalid type. Expected: array, given: string")]
    [InlineData("services.catalog.subscribes=[\"Inventory\"]", "services.catalog.subscribes.0: Does not match pattern")]
    [InlineData("services.catalog.apis=[\"locks\"]", "services.catalog.apis.0")]
    [InlineData("services.catalog.image.digest=\"0123\"", "services.catalog.image.digest: Does not match pattern")]
    [InlineData("services.catalog.port=99999", "services.catalog.port: Must be less than or equal to 65535")]
    [InlineData("services.Catalog={}", "services: Additional property Catalog is not allowed")]
    [InlineData("brokers.redis.password=\"hunter2\"", "brokers.redis: Additional property password is not allowed")]
    [InlineData("brokers.rabbitmq.existingSecret=\"\"", "brokers.rabbitmq.existingSecret: String length must be greater than or equal to 1")]
    [InlineData("dapr.tracing.samplingRate=\"10\"", "dapr.tracing.samplingRate: Does not match pattern")]
    [InlineData("dapr.shutdown.blockSeconds=0", "dapr.shutdown.blockSeconds: Must be greater than or equal to 1")]
    [InlineData("signIn.authority=\"login.example.com\"", "signIn.authority: Does not match pattern")]
    [InlineData("ingres.enabled=true", "(root): Additional property ingres is not allowed")]
    public async Task The_schema_refuses_it_and_says_where(string value, string message)
    {
        var result = await Helm.TryRenderAsync(new RenderOptions { SetJson = [value] });

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("services.payment.autoscaling={\"mode\":\"keda\",\"min\":5,\"max\":3}", "services.payment.autoscaling: min is 5 and max is 3; min may not be above max.")]
    [InlineData("services.payment.autoscaling={\"mode\":\"hpa\",\"min\":0}", "services.payment.autoscaling.min is 0, which needs mode keda and signal backlog")]
    [InlineData("services.payment.image.tag=\"latest\"", "services.payment.image.tag is latest, which means another image every day: name a version, or a digest.")]
    [InlineData("httpRoute={\"enabled\":true}", "httpRoute.parentRefs is empty: name the Gateway")]
    public async Task A_template_refuses_it_in_one_sentence(string value, string message)
    {
        var result = await Helm.TryRenderAsync(new RenderOptions { SetJson = [value] });

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("autoscaling.mode=\"keda\"", "autoscaling.mode keda needs KEDA, and this cluster does not have keda.sh/v1alpha1")]
    [InlineData("httpRoute={\"enabled\":true,\"parentRefs\":[{\"name\":\"public\"}]}", "httpRoute.enabled needs the Gateway API")]
    [InlineData("monitoring.serviceMonitor.enabled=true", "monitoring.serviceMonitor.enabled needs the Prometheus operator")]
    [InlineData("monitoring.prometheusRule.enabled=true", "monitoring.prometheusRule.enabled needs the Prometheus operator")]
    public async Task What_the_cluster_lacks_is_named(string value, string message)
    {
        var result = await Helm.TryRenderAsync(new RenderOptions { SetJson = [value], Operators = [] });

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_of_Kubernetes_that_is_too_old_is_named()
    {
        var result = await Helm.TryRenderAsync(new RenderOptions { KubernetesVersion = "1.26.0" });

        Assert.Contains("chart requires kubeVersion: >=1.28.0-0", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_names_and_globals_that_other_charts_set_are_allowed()
    {
        await Helm.RenderAsync(new RenderOptions { SetJson = ["nameOverride=\"a\"", "fullnameOverride=\"b\"", "global.storageClass=\"fast\""] });
    }
}
