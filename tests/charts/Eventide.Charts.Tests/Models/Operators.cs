using System.ComponentModel.DataAnnotations;

namespace Eventide.Charts.Tests.Models;

// The Prometheus operator and the Gateway API, as far as a chart sets them.

internal sealed class ServiceMonitor : CustomResource
{
    [Required]
    public ServiceMonitorSpec? Spec { get; set; }
}

internal sealed class ServiceMonitorSpec
{
    [Required]
    public k8s.Models.V1LabelSelector? Selector { get; set; }

    public NamespaceChoice? NamespaceSelector { get; set; }

    [Required]
    public IList<ScrapeEndpoint>? Endpoints { get; set; }
}

internal sealed class NamespaceChoice
{
    public IList<string>? MatchNames { get; set; }

    public bool? Any { get; set; }
}

internal sealed class ScrapeEndpoint
{
    [Required]
    public string? Port { get; set; }

    public string? Path { get; set; }

    [RegularExpression("[0-9]+(ms|s|m)")]
    public string? Interval { get; set; }

    public IList<Relabeling>? Relabelings { get; set; }
}

internal sealed class Relabeling
{
    public IList<string>? SourceLabels { get; set; }

    public string? Regex { get; set; }

    public string? TargetLabel { get; set; }

    public string? Replacement { get; set; }

    [AllowedValues(null, "keep", "drop", "replace", "labelmap", "labeldrop", "labelkeep")]
    public string? Action { get; set; }
}

internal sealed class PrometheusRule : CustomResource
{
    [Required]
    public PrometheusRuleSpec? Spec { get; set; }
}

internal sealed class PrometheusRuleSpec
{
    [Required]
    public IList<RuleGroup>? Groups { get; set; }
}

internal sealed class RuleGroup
{
    [Required]
    public string? Name { get; set; }

    public string? Interval { get; set; }

    [Required]
    public IList<AlertRule>? Rules { get; set; }
}

internal sealed class AlertRule
{
    [Required]
    public string? Alert { get; set; }

    [Required]
    public string? Expr { get; set; }

    [Required]
    public string? For { get; set; }

    [Required]
    public IDictionary<string, string>? Labels { get; set; }

    [Required]
    public IDictionary<string, string>? Annotations { get; set; }
}

internal sealed class HttpRoute : CustomResource
{
    [Required]
    public HttpRouteSpec? Spec { get; set; }
}

internal sealed class HttpRouteSpec
{
    [Required]
    public IList<ParentReference>? ParentRefs { get; set; }

    public IList<string>? Hostnames { get; set; }

    [Required]
    public IList<RouteRule>? Rules { get; set; }
}

internal sealed class ParentReference
{
    [Required]
    public string? Name { get; set; }

    public string? Namespace { get; set; }

    public string? SectionName { get; set; }
}

internal sealed class RouteRule
{
    public IList<RouteMatch>? Matches { get; set; }

    [Required]
    public IList<BackendReference>? BackendRefs { get; set; }
}

internal sealed class RouteMatch
{
    public PathMatch? Path { get; set; }
}

internal sealed class PathMatch
{
    [Required, AllowedValues("Exact", "PathPrefix", "RegularExpression")]
    public string? Type { get; set; }

    [Required]
    public string? Value { get; set; }
}

internal sealed class BackendReference
{
    [Required]
    public string? Name { get; set; }

    [Required]
    public int? Port { get; set; }
}
