using System.ComponentModel.DataAnnotations;

namespace Eventide.Charts.Tests.Models;

internal sealed class Configuration : CustomResource
{
    [Required]
    public ConfigurationSpec? Spec { get; set; }
}

internal sealed class ConfigurationSpec
{
    public Tracing? Tracing { get; set; }

    public Metrics? Metrics { get; set; }

    public AccessControl? AccessControl { get; set; }

    public ApiAccess? Api { get; set; }

    public SecretScopes? Secrets { get; set; }
}

internal sealed class Tracing
{
    [Required, RegularExpression(@"0(\.[0-9]+)?|1")]
    public string? SamplingRate { get; set; }

    public bool? Stdout { get; set; }

    public Otel? Otel { get; set; }
}

internal sealed class Otel
{
    [Required, AllowedValues("grpc", "http")]
    public string? Protocol { get; set; }

    [Required, RegularExpression("[^/]+:[0-9]+")]
    public string? EndpointAddress { get; set; }

    [Required]
    public bool? IsSecure { get; set; }
}

internal sealed class Metrics
{
    public bool? Enabled { get; set; }

    public bool? RecordErrorCodes { get; set; }

    public HttpMetrics? Http { get; set; }
}

internal sealed class HttpMetrics
{
    public bool? IncreasedCardinality { get; set; }

    public IList<string>? PathMatching { get; set; }

    public bool? ExcludeVerbs { get; set; }
}

internal sealed class AccessControl
{
    [Required, AllowedValues("deny")]
    public string? DefaultAction { get; set; }

    [Required]
    public string? TrustDomain { get; set; }

    public IList<AppPolicy>? Policies { get; set; }
}

internal sealed class AppPolicy
{
    [Required]
    public string? AppId { get; set; }

    [Required, AllowedValues("deny")]
    public string? DefaultAction { get; set; }

    [Required]
    public string? TrustDomain { get; set; }

    [Required]
    public string? Namespace { get; set; }

    [Required]
    public IList<AllowedOperation>? Operations { get; set; }
}

internal sealed class AllowedOperation
{
    [Required, RegularExpression("/.*")]
    public string? Name { get; set; }

    public IList<string>? HttpVerb { get; set; }

    [Required, AllowedValues("allow", "deny")]
    public string? Action { get; set; }
}

internal sealed class ApiAccess
{
    [Required]
    public IList<ApiRule>? Allowed { get; set; }
}

internal sealed class ApiRule
{
    [Required]
    public string? Name { get; set; }

    [Required, RegularExpression(@"v1(\.0)?(-?(alpha|beta)[0-9])?")]
    public string? Version { get; set; }

    [Required, AllowedValues("http", "grpc")]
    public string? Protocol { get; set; }
}

internal sealed class SecretScopes
{
    [Required]
    public IList<SecretScope>? Scopes { get; set; }
}

internal sealed class SecretScope
{
    [Required]
    public string? StoreName { get; set; }

    [Required, AllowedValues("deny")]
    public string? DefaultAccess { get; set; }

    public IList<string>? AllowedSecrets { get; set; }
}
