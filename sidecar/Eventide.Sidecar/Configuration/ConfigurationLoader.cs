using System.Globalization;
using Eventide.Sidecar.Components;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;

namespace Eventide.Sidecar.Configuration;

/// <summary>
/// Reads the files of --config onto one configuration, later files winning (Dapr: pkg/config/configuration.go). What would weaken security if it were
/// ignored stops the start; what merely has no effect is said.
/// </summary>
internal static class ConfigurationLoader
{
    /// <summary>Reads all files. Throws <see cref="SidecarStartException"/> naming file, line and field.</summary>
    public static SidecarConfiguration Load(SidecarOptions options)
    {
        var configuration = new SidecarConfiguration();
        var warnings = new List<string>();
        foreach (var file in options.ConfigPaths.Select(path => Path.GetFullPath(path, options.WorkingDirectory)))
        {
            if (!File.Exists(file))
            {
                throw new SidecarStartException($"The configuration file {file} does not exist; --config names it.");
            }

            foreach (var document in ResourceLoader.Documents(file))
            {
                configuration = Merge(configuration, document, warnings);
            }
        }

        return configuration with { Warnings = warnings };
    }

    private static SidecarConfiguration Merge(SidecarConfiguration current, YamlReader reader, List<string> warnings)
    {
        reader.Text("apiVersion");
        if (reader.Required("kind") is var kind and not "Configuration")
        {
            throw new SidecarStartException($"{reader.Where}: kind is \"{kind}\"; --config takes Configuration, other kinds go into a folder of --resources-path.");
        }

        reader.Map("metadata");
        var spec = reader.Map("spec") ?? throw new SidecarStartException($"{reader.Where}: \"spec\" is missing.");
        RefuseUnserved(spec);
        var metrics = spec.Map("metrics") ?? spec.Map("metric");
        WarnOfIneffective(spec, "spec", ["features", "logging", "wasm"], warnings);
        WarnOfIneffective(metrics, "spec.metrics", ["http", "latencyDistributionBuckets", "recordErrorCodes", "rules"], warnings);
        var api = spec.Map("api");
        var merged = current with
        {
            Tracing = Tracing(spec.Map("tracing"), current.Tracing, warnings),
            MetricsEnabled = metrics?.Flag("enabled", current.MetricsEnabled) ?? current.MetricsEnabled,
            AllowedApis = [.. current.AllowedApis, .. Rules(api, "allowed", warnings)],
            DeniedApis = [.. current.DeniedApis, .. Rules(api, "denied", warnings)],
            NameResolution = NameResolution(spec.Map("nameResolution"), warnings) ?? current.NameResolution,
            Workflow = Workflow(spec.Map("workflow"), current.Workflow, warnings),
        };
        foreach (var map in new[] { metrics, api, spec, reader }.OfType<YamlReader>())
        {
            warnings.AddRange(map.Unknown());
        }

        return merged;
    }

    // Each of these keeps something out; a sidecar that lets it in after all would be worse than one that does not start.
    private static void RefuseUnserved(YamlReader spec)
    {
        foreach (var (name, inner, remedy) in new[]
                 {
                     ("accessControl", "policies", "give the apps tokens (DAPR_API_TOKEN, APP_API_TOKEN)"),
                     ("secrets", "scopes", "limit each secret store with the scopes of its component"),
                     ("components", "deny", "leave the component files out of the folder"),
                     ("httpPipeline", "handlers", "put the middleware into the app"),
                     ("appHttpPipeline", "handlers", "put the middleware into the app"),
                 })
        {
            if (spec.Map(name) is { } map && map.Has(inner))
            {
                throw new SidecarStartException($"{map.Where}: spec.{name}.{inner} is not served by this sidecar; {remedy}, or use daprd.");
            }
        }

        if (spec.Map("mtls") is { } mtls && mtls.Flag("enabled", false))
        {
            throw new SidecarStartException($"{mtls.Where}: spec.mtls is not served by this sidecar, which is for one machine; set enabled to false, or use daprd.");
        }
    }

    private static void WarnOfIneffective(YamlReader? map, string path, IEnumerable<string> names, List<string> warnings) =>
        warnings.AddRange(names.Where(name => map?.Has(name) == true).Select(name => $"{map!.Where}: {path}.{name} has no effect in this sidecar."));

    private static TracingSettings Tracing(YamlReader? tracing, TracingSettings current, List<string> warnings)
    {
        if (tracing is null)
        {
            return current;
        }

        double? rate = tracing.Text("samplingRate") switch
        {
            null or "" => current.SamplingRate,
            var text when double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is >= 0 and <= 1 => number,
            var text => throw new SidecarStartException($"{tracing.Where}: spec.tracing.samplingRate is \"{text}\"; allowed is a number from 0 to 1, in quotes."),
        };
        if (tracing.Has("zipkin") || tracing.Flag("stdout", false))
        {
            warnings.Add($"{tracing.Where}: spec.tracing.zipkin and stdout have no effect in this sidecar; send spans to an OpenTelemetry collector with spec.tracing.otel.");
        }

        var otel = tracing.Map("otel");
        OtelSettings? settings = null;
        if (otel is not null)
        {
            var protocol = otel.Text("protocol") ?? "grpc";
            settings = new OtelSettings(
                otel.Required("endpointAddress"), otel.Flag("isSecure", true), protocol switch
                {
                    "grpc" => false,
                    "http" => true,
                    _ => throw new SidecarStartException($"{otel.Where}: spec.tracing.otel.protocol is \"{protocol}\"; allowed is grpc or http."),
                },
                string.Join(',', otel.Maps("headers").Select(header => $"{header.Required("name")}={header.Required("value")}")) is { Length: > 0 } headers ? headers : null,
                otel.Text("timeout") is { Length: > 0 } ? otel.Duration("timeout", default) : null);
            warnings.AddRange(otel.Unknown());
        }

        warnings.AddRange(tracing.Unknown());
        return new TracingSettings(rate, settings ?? current.Otel);
    }

    private static List<ApiRule> Rules(YamlReader? api, string list, List<string> warnings)
    {
        var rules = new List<ApiRule>();
        foreach (var entry in api?.Maps(list) ?? [])
        {
            rules.Add(new ApiRule(entry.Required("name"), entry.Text("version") ?? "v1.0", entry.Text("protocol") switch
            {
                null or "" => null,
                var protocol and ("http" or "grpc") => protocol,
                var protocol => throw new SidecarStartException($"{entry.Where}: protocol is \"{protocol}\"; allowed is http or grpc."),
            }));
            warnings.AddRange(entry.Unknown());
        }

        return rules;
    }

    private static NameResolutionSettings? NameResolution(YamlReader? resolution, List<string> warnings)
    {
        if (resolution is null)
        {
            return null;
        }

        var settings = new NameResolutionSettings(resolution.Required("component"), resolution.Text("version") ?? "v1", resolution.TextMap("configuration"));
        warnings.AddRange(resolution.Unknown());
        return settings;
    }

    private static WorkflowSettings Workflow(YamlReader? workflow, WorkflowSettings current, List<string> warnings)
    {
        if (workflow is null)
        {
            return current;
        }

        int? Limit(string field, int? otherwise) => workflow.Number(field, 0) is > 0 and { } limit ? limit : otherwise;
        var settings = current with
        {
            MaxConcurrentWorkflows = Limit("maxConcurrentWorkflowInvocations", current.MaxConcurrentWorkflows),
            MaxConcurrentActivities = Limit("maxConcurrentActivityInvocations", current.MaxConcurrentActivities),
        };
        if (workflow.Map("stateRetentionPolicy") is { } retention)
        {
            TimeSpan? Retain(string field, TimeSpan? otherwise) => retention.Text(field) is { Length: > 0 } ? retention.Duration(field, default) : otherwise;
            var any = Retain("anyTerminal", null);
            settings = settings with
            {
                RetainCompleted = Retain("completed", any ?? current.RetainCompleted),
                RetainFailed = Retain("failed", any ?? current.RetainFailed),
                RetainTerminated = Retain("terminated", any ?? current.RetainTerminated),
            };
            warnings.AddRange(retention.Unknown());
        }

        warnings.AddRange(workflow.Unknown());
        return settings;
    }
}
