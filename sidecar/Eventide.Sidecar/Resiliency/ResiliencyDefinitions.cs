using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;

namespace Eventide.Sidecar.Resiliency;

/// <summary>
/// All policies and targets of the resiliency files of one app, checked: a wrong value, or a target that names a policy which is not there, stops the start
/// with file, field and remedy. Of two files the later one wins, name by name. Immutable once read.
/// </summary>
internal sealed class ResiliencyDefinitions
{
    private readonly Dictionary<string, RetryPolicy> _retries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _timeouts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, CircuitBreakerPolicy> _breakers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ResiliencyTarget> _targets = new(StringComparer.Ordinal);

    /// <summary>Reads the files. Throws <see cref="SidecarStartException"/>.</summary>
    public static ResiliencyDefinitions Read(IEnumerable<ResiliencyResource> resources)
    {
        var definitions = new ResiliencyDefinitions();
        foreach (var resource in resources)
        {
            definitions.ReadPolicies(resource.Policies);
            definitions.ReadTargets(resource.Targets);
        }

        return definitions;
    }

    /// <summary>The target's own entry, or an empty one.</summary>
    public ResiliencyTarget Target(string target) => _targets.GetValueOrDefault(target) ?? ResiliencyTarget.Empty;

    /// <summary>The named retry policy, else the default of the most specific level that has one.</summary>
    public RetryPolicy? Retry(string? named, ReadOnlySpan<string> levels) => Find(_retries, named, levels, "RetryPolicy");

    /// <summary>As <see cref="Retry"/>; zero is no time-out.</summary>
    public TimeSpan Timeout(string? named, ReadOnlySpan<string> levels) => Find(_timeouts, named, levels, "TimeoutPolicy");

    /// <summary>As <see cref="Retry"/>.</summary>
    public CircuitBreakerPolicy? Breaker(string? named, ReadOnlySpan<string> levels) => Find(_breakers, named, levels, "CircuitBreakerPolicy");

    /// <summary>A retry policy by its name.</summary>
    public RetryPolicy? NamedRetry(string name) => _retries.GetValueOrDefault(name);

    private static T? Find<T>(Dictionary<string, T> policies, string? named, ReadOnlySpan<string> levels, string suffix)
    {
        if (named is not null)
        {
            return policies[named];
        }

        foreach (var level in levels)
        {
            if (policies.TryGetValue($"Default{level}{suffix}", out var found))
            {
                return found;
            }
        }

        return policies.GetValueOrDefault($"Default{suffix}");
    }

    private void ReadPolicies(YamlReader? policies)
    {
        if (policies is null)
        {
            return;
        }

        if (policies.Map("timeouts") is { } timeouts)
        {
            foreach (var name in timeouts.Names())
            {
                _timeouts[name] = timeouts.Duration(name, default);
            }
        }

        ReadEach(policies.Map("retries"), "retry policy", RetryPolicy.Read, _retries);
        ReadEach(policies.Map("circuitBreakers"), "circuit breaker", CircuitBreakerPolicy.Read, _breakers);
        policies.RefuseUnknown();
    }

    private static void ReadEach<T>(YamlReader? reader, string kind, Func<YamlReader, T> read, Dictionary<string, T> into)
    {
        foreach (var name in reader?.Names() ?? [])
        {
            into[name] = read(reader!.Map(name) ?? throw new SidecarStartException($"{reader.Where}: {kind} \"{name}\" is empty; give it fields or remove it."));
        }
    }

    private void ReadTargets(YamlReader? targets)
    {
        if (targets is null)
        {
            return;
        }

        foreach (var (name, app) in Each(targets.Map("apps")))
        {
            AddTarget($"app {name}", app, app?.Number("circuitBreakerCacheSize", ResiliencyTarget.DefaultBreakers) ?? 0);
        }

        foreach (var (name, component) in Each(targets.Map("components")))
        {
            AddTarget($"outbound {name}", component?.Map("outbound"));
            AddTarget($"inbound {name}", component?.Map("inbound"));
            component?.RefuseUnknown();
        }

        // Actors are not served, so what is said about them cannot matter.
        targets.Map("actors")?.Names();
        targets.RefuseUnknown();
    }

    private static IEnumerable<(string Name, YamlReader? Entry)> Each(YamlReader? reader) => reader?.Names().Select(name => (name, reader.Map(name))) ?? [];

    private void AddTarget(string target, YamlReader? reader, int breakers = ResiliencyTarget.DefaultBreakers)
    {
        if (reader is null)
        {
            return;
        }

        if (breakers < 1)
        {
            throw new SidecarStartException($"{reader.Where}: \"circuitBreakerCacheSize\" is {breakers}; allowed is a whole number of at least 1.");
        }

        _targets[target] = new ResiliencyTarget(
            Named(reader, "retry", "retry policy", _retries.Keys), Named(reader, "timeout", "timeout", _timeouts.Keys),
            Named(reader, "circuitBreaker", "circuit breaker", _breakers.Keys), breakers);
        reader.RefuseUnknown();
    }

    private static string? Named(YamlReader reader, string field, string kind, ICollection<string> known) =>
        reader.Text(field) is not { Length: > 0 } name ? null
        : known.Contains(name) ? name
        : throw new SidecarStartException(
            $"{reader.Where}: there is no {kind} \"{name}\"; "
            + (known.Count == 0 ? "add it under spec.policies." : $"known: {string.Join(", ", known.Order(StringComparer.Ordinal))}."));
}

/// <summary>The names of a target's policies; null takes the defaults.</summary>
/// <param name="Breakers">So many breakers, one per operation, are kept for an app; the one that was not used for longest goes first.</param>
internal sealed record ResiliencyTarget(string? Retry, string? Timeout, string? Breaker, int Breakers)
{
    /// <summary>Dapr's default for <see cref="Breakers"/>.</summary>
    public const int DefaultBreakers = 100;

    /// <summary>A target that no file names.</summary>
    public static ResiliencyTarget Empty { get; } = new(null, null, null, DefaultBreakers);
}
