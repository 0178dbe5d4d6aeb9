using Eventide.Sidecar.Hosting;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Eventide.Sidecar.Resources;

/// <summary>Reads the resource folders of one app (Dapr: pkg/components/loader). Every fault is a sentence with file, line and field.</summary>
internal static class ResourceLoader
{
    /// <summary>Loads all documents of all .yaml and .yml files, in the order of their names.</summary>
    public static LoadedResources Load(SidecarOptions options)
    {
        var components = new List<ComponentResource>();
        var subscriptions = new List<SubscriptionResource>();
        var resiliencies = new List<ResiliencyResource>();
        foreach (var (file, reader) in Files(options).SelectMany(file => Documents(file).Select(document => (file, document))))
        {
            reader.Text("apiVersion");
            var kind = reader.Required("kind");
            var metadata = reader.Map("metadata") ?? throw new SidecarStartException($"{reader.Where}: \"metadata\" is missing.");
            var name = metadata.Required("name");
            var inNamespace = metadata.Text("namespace") is null or "" || metadata.Text("namespace") == options.Namespace;
            metadata.TextMap("labels");
            metadata.TextMap("annotations");
            metadata.RefuseUnknown();
            var scopes = reader.Texts("scopes");
            var ours = inNamespace && (scopes.Count == 0 || scopes.Contains(options.AppId));
            switch (kind)
            {
                case "Component":
                    AddIf(ours, components, Component(reader, file, name, scopes));
                    break;
                case "Subscription":
                    AddIf(ours, subscriptions, Subscription(reader, name));
                    break;
                case "Resiliency":
                    AddIf(ours, resiliencies, Resiliency(reader, name));
                    break;
                case "Configuration" or "HTTPEndpoint":
                    break;
                default:
                    throw new SidecarStartException(
                        $"{reader.Where}: unknown kind \"{kind}\". Known: Component, Subscription, Resiliency, Configuration, HTTPEndpoint.");
            }
        }

        RefuseDuplicates(components);
        return new LoadedResources(components, subscriptions, resiliencies);
    }

    private static void AddIf<T>(bool ours, List<T> list, T resource)
    {
        if (ours)
        {
            list.Add(resource);
        }
    }

    /// <summary>The documents of one file.</summary>
    public static IEnumerable<YamlReader> Documents(string file) => Read(file).Documents
        .Select(document => document.RootNode).OfType<YamlMappingNode>().Where(mapping => mapping.Children.Count > 0)
        .Select(mapping => new YamlReader(file, "", mapping));

    private static IEnumerable<string> Files(SidecarOptions options)
    {
        foreach (var folder in options.ResourcesPaths.Select(path => Path.GetFullPath(path, options.WorkingDirectory)))
        {
            if (!Directory.Exists(folder))
            {
                throw new SidecarStartException($"The resources folder {folder} does not exist; --resources-path names the folder with the component files.");
            }

            foreach (var file in Directory.EnumerateFiles(folder).Where(f => f.EndsWith(".yaml") || f.EndsWith(".yml")).Order(StringComparer.Ordinal))
            {
                yield return file;
            }
        }
    }

    private static YamlStream Read(string file)
    {
        var stream = new YamlStream();
        try
        {
            using var text = File.OpenText(file);
            stream.Load(text);
            return stream;
        }
        catch (YamlException failure)
        {
            throw new SidecarStartException($"{file}, line {failure.Start.Line}: not readable as YAML: {failure.Message}", failure);
        }
    }

    private static ComponentResource Component(YamlReader reader, string file, string name, IReadOnlyList<string> scopes)
    {
        var spec = Spec(reader);
        var items = new List<MetadataItem>();
        foreach (var entry in spec.Maps("metadata"))
        {
            var secret = entry.Map("secretKeyRef");
            items.Add(new MetadataItem(
                entry.Required("name"), entry.Text("value"), secret?.Required("name"), secret?.Text("key"), entry.Text("envRef")));
            secret?.RefuseUnknown();
            entry.RefuseUnknown();
        }

        var auth = reader.Map("auth");
        var component = new ComponentResource(
            name, spec.Required("type"), spec.Text("version") is { Length: > 0 } version ? version : "v1", file, spec.Flag("ignoreErrors", false),
            spec.Duration("initTimeout", TimeSpan.FromSeconds(5)), auth?.Text("secretStore"), items, scopes);
        auth?.RefuseUnknown();
        spec.RefuseUnknown();
        reader.RefuseUnknown();
        return component;
    }

    private static SubscriptionResource Subscription(YamlReader reader, string name)
    {
        var spec = Spec(reader);
        var rules = new List<RouteRule>();
        if (spec.Text("route") is { Length: > 0 } single)
        {
            rules.Add(new RouteRule("", single));
        }

        if (spec.Map("routes") is { } routes)
        {
            foreach (var rule in routes.Maps("rules"))
            {
                rules.Add(new RouteRule(rule.Text("match") ?? "", rule.Required("path")));
                rule.RefuseUnknown();
            }

            if (routes.Text("default") is { Length: > 0 } path)
            {
                rules.Add(new RouteRule("", path));
            }

            routes.RefuseUnknown();
        }

        BulkSettings? bulk = null;
        if (spec.Map("bulkSubscribe") is { } settings)
        {
            bulk = new BulkSettings(
                settings.Flag("enabled", false), Positive(settings, "maxMessagesCount", BulkSettings.DefaultMaxMessages),
                TimeSpan.FromMilliseconds(Positive(settings, "maxAwaitDurationMs", (int)BulkSettings.DefaultMaxAwait.TotalMilliseconds)));
            settings.RefuseUnknown();
        }

        var subscription = new SubscriptionResource(
            name, spec.Required("pubsubname"), spec.Required("topic"), rules, spec.Text("deadLetterTopic") is { Length: > 0 } dead ? dead : null,
            spec.TextMap("metadata"), bulk);
        spec.RefuseUnknown();
        reader.RefuseUnknown();
        return subscription;
    }

    private static int Positive(YamlReader reader, string field, int defaultValue)
    {
        var number = reader.Number(field, defaultValue);
        return number > 0
            ? number
            : throw new SidecarStartException($"{reader.Where}: \"bulkSubscribe.{field}\" is {number}; allowed is a whole number of at least 1.");
    }

    private static ResiliencyResource Resiliency(YamlReader reader, string name)
    {
        var spec = Spec(reader);
        var resiliency = new ResiliencyResource(name, spec.Map("policies"), spec.Map("targets"));
        spec.RefuseUnknown();
        reader.RefuseUnknown();
        return resiliency;
    }

    private static YamlReader Spec(YamlReader reader) =>
        reader.Map("spec") ?? throw new SidecarStartException($"{reader.Where}: \"spec\" is missing.");

    private static void RefuseDuplicates(List<ComponentResource> components)
    {
        foreach (var same in components.GroupBy(component => component.Name).Where(group => group.Count() > 1))
        {
            var (first, second) = (same.First(), same.ElementAt(1));
            throw new SidecarStartException(
                $"duplicate definition of Component name {second.Name} ({second.Type}/{second.Version}) in {second.File} with existing "
                + $"{first.Name} ({first.Type}/{first.Version}) in {first.File}; give one of them another name or a scope.");
        }
    }
}
