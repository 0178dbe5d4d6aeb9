using Eventide.Scaling.Hpa;
using Eventide.Scaling.Keda;
using Eventide.Scaling.Simulation;
using YamlDotNet.RepresentationModel;

namespace Eventide.Scaling.Chart;

/// <summary>What a rendered chart says about the scaling of its services: requests, limits and autoscalers, read from what a cluster would get.</summary>
public sealed class RenderedChart
{
    private RenderedChart(IReadOnlyDictionary<string, RenderedService> services) => Services = services;

    /// <summary>By app id.</summary>
    public IReadOnlyDictionary<string, RenderedService> Services { get; }

    /// <summary>Reads a render.</summary>
    /// <exception cref="InvalidDataException">It names the object and what is wrong with it.</exception>
    public static RenderedChart Read(string path)
    {
        using var reader = File.OpenText(path);
        return Parse(reader);
    }

    /// <inheritdoc cref="Read"/>
    public static RenderedChart Parse(TextReader yaml)
    {
        var stream = new YamlStream();
        stream.Load(yaml);
        var objects = stream.Documents.Select(document => document.RootNode).OfType<YamlMappingNode>().ToList();
        var autoscalers = objects
            .Where(item => item.Text("kind") is "HorizontalPodAutoscaler" or "ScaledObject")
            .ToDictionary(item => item.Required("spec", "scaleTargetRef", "name"));
        return new RenderedChart(objects
            .Where(item => item.Text("kind") == "Deployment" && item.Text("spec", "template", "metadata", "annotations", "dapr.io/app-id") is not null)
            .Select(deployment => Service(deployment, autoscalers.GetValueOrDefault(deployment.Required("metadata", "name"))))
            .ToDictionary(service => service.AppId));
    }

    private static RenderedService Service(YamlNode deployment, YamlNode? autoscaler)
    {
        var name = deployment.Required("metadata", "name");
        try
        {
            var annotations = deployment.At("spec", "template", "metadata", "annotations");
            var app = deployment.Items("spec", "template", "spec", "containers")[0];
            return new RenderedService(
                annotations.Required("dapr.io/app-id"),
                Cores(app, annotations, "requests", "dapr.io/sidecar-cpu-request"),
                Cores(app, annotations, "limits", "dapr.io/sidecar-cpu-limit"),
                autoscaler is null ? new FixedReplicas(deployment.Number("spec", "replicas") ?? 1) : Autoscaling(autoscaler));
        }
        catch (InvalidDataException wrong)
        {
            throw new InvalidDataException($"{name}: {wrong.Message}", wrong);
        }
    }

    private static Cores Cores(YamlNode app, YamlNode? annotations, string kind, string annotation) => new(
        app.Text("resources", kind, "cpu") is { } cpu ? Yaml.Millicores(cpu) : 0,
        annotations.Text(annotation) is { } sidecar ? Yaml.Millicores(sidecar) : 0);

    private static Autoscaling Autoscaling(YamlNode autoscaler)
    {
        var spec = autoscaler.At("spec");
        if (autoscaler.Text("kind") == "HorizontalPodAutoscaler")
        {
            return new ByHpa(new HpaSpec
            {
                MinReplicas = spec.Number("minReplicas") ?? 1,
                MaxReplicas = spec.Number("maxReplicas") ?? throw new InvalidDataException("maxReplicas is missing."),
                Metrics = [.. spec.Items("metrics").Select(Metric)],
                Behavior = BehaviorReader.Read(spec.At("behavior")),
            });
        }

        return new ByKeda(new ScaledObjectSpec
        {
            PollingInterval = spec.Seconds("pollingInterval") ?? TimeSpan.FromSeconds(30),
            CooldownPeriod = spec.Seconds("cooldownPeriod") ?? TimeSpan.FromMinutes(5),
            IdleReplicaCount = spec.Number("idleReplicaCount"),
            MinReplicaCount = spec.Number("minReplicaCount") ?? 0,
            MaxReplicaCount = spec.Number("maxReplicaCount") ?? 100,
            Fallback = spec.At("fallback") is { } fallback ? new FallbackSpec(fallback.Number("failureThreshold") ?? 3, fallback.Number("replicas") ?? 0) : null,
            Behavior = BehaviorReader.Read(spec.At("advanced", "horizontalPodAutoscalerConfig", "behavior")),
            Triggers = [.. spec.Items("triggers").Select(TriggerReader.Read)],
        });
    }

    private static MetricSpec Metric(YamlNode metric) => metric.Required("type") switch
    {
        "Resource" => new UtilizationMetric("cpu", Percent(metric.At("resource"))),
        "ContainerResource" => new UtilizationMetric("cpu", Percent(metric.At("containerResource")), IsAppOnly: true),
        var type => throw new InvalidDataException($"The model does not know metrics of type {type}; it knows Resource and ContainerResource."),
    };

    private static int Percent(YamlNode? resource) => resource.Text("name") == "cpu"
        ? resource.Number("target", "averageUtilization") ?? throw new InvalidDataException("The target of a metric is not averageUtilization.")
        : throw new InvalidDataException($"The model knows the processor only, not {resource.Text("name")}.");
}

/// <summary>One service of a rendered chart.</summary>
public sealed record RenderedService(string AppId, Cores Request, Cores Limit, Autoscaling Autoscaling);
