using System.Collections.Concurrent;
using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Resources;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Eventide.Sidecar.Resiliency;

/// <summary>
/// Policies from the resiliency files as Polly pipelines: retry around timeout (Dapr: pkg/resiliency). Pipelines are made once per target. Thread-safe.
/// A file that names a circuit breaker stops the start: breakers are not served yet, and leaving one out silently would be worse.
/// </summary>
internal sealed class ResiliencyPolicies : IResiliencyPolicies
{
    private readonly Dictionary<string, RetryPolicy> _retries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TimeSpan> _timeouts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Target> _targets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ResiliencePipeline> _pipelines = new(StringComparer.Ordinal);
    private readonly TimeProvider _time;

    public ResiliencyPolicies(LoadedResources resources, TimeProvider time)
    {
        _time = time;
        foreach (var resource in resources.Resiliencies)
        {
            ReadPolicies(resource);
            ReadTargets(resource);
        }
    }

    /// <inheritdoc/>
    public ResiliencePipeline ForApp(string appId, string operation) => Pipeline($"app {appId}", "App");

    /// <inheritdoc/>
    public ResiliencePipeline ForComponentOutbound(string componentName, ComponentKind kind) =>
        Pipeline($"outbound {componentName}", $"{kind}ComponentOutbound", "ComponentOutbound", "Component");

    /// <inheritdoc/>
    public ResiliencePipeline ForComponentInbound(string componentName, ComponentKind kind) =>
        Pipeline($"inbound {componentName}", $"{kind}ComponentInbound", "ComponentInbound", "Component");

    private ResiliencePipeline Pipeline(string target, params string[] levels) => _pipelines.GetOrAdd(target, _ =>
    {
        var named = _targets.GetValueOrDefault(target);
        var retry = Find(_retries, named?.Retry, levels, "RetryPolicy");
        var timeout = Find(_timeouts, named?.Timeout, levels, "TimeoutPolicy");
        if (retry is null && timeout == default)
        {
            return ResiliencePipeline.Empty;
        }

        var builder = new ResiliencePipelineBuilder { TimeProvider = _time };
        if (retry is { MaxRetries: not 0 })
        {
            builder.AddRetry(retry.Options());
        }

        if (timeout != default)
        {
            builder.AddTimeout(new TimeoutStrategyOptions { Timeout = timeout });
        }

        return builder.Build();
    });

    private static T? Find<T>(Dictionary<string, T> policies, string? named, string[] levels, string suffix) =>
        named is not null ? policies.GetValueOrDefault(named)
        : levels.Append("").Select(level => $"Default{level}{suffix}").Where(policies.ContainsKey).Select(name => policies[name]).FirstOrDefault();

    private void ReadPolicies(ResiliencyResource resource)
    {
        if (resource.Policies is not { } policies)
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

        if (policies.Map("retries") is { } retries)
        {
            foreach (var name in retries.Names())
            {
                _retries[name] = RetryPolicy.Read(retries.Map(name) ?? throw new SidecarStartException($"{retries.Where}: retry policy \"{name}\" is empty."));
            }
        }

        if (policies.Map("circuitBreakers") is { } breakers && breakers.Names() is [var first, ..])
        {
            throw new SidecarStartException(
                $"{breakers.Where}: circuit breaker \"{first}\": the embedded sidecar has no circuit breakers yet; remove it here or run the app under Dapr.");
        }

        policies.RefuseUnknown();
    }

    private void ReadTargets(ResiliencyResource resource)
    {
        if (resource.Targets is not { } targets)
        {
            return;
        }

        if (targets.Map("apps") is { } apps)
        {
            foreach (var name in apps.Names())
            {
                AddTarget($"app {name}", apps.Map(name));
            }
        }

        if (targets.Map("components") is { } components)
        {
            foreach (var name in components.Names())
            {
                var component = components.Map(name);
                AddTarget($"outbound {name}", component?.Map("outbound"));
                AddTarget($"inbound {name}", component?.Map("inbound"));
                component?.RefuseUnknown();
            }
        }

        targets.Map("actors")?.Names();
        targets.RefuseUnknown();
    }

    private void AddTarget(string target, YamlReader? reader)
    {
        if (reader is null)
        {
            return;
        }

        var (retry, timeout) = (reader.Text("retry"), reader.Text("timeout"));
        reader.RefuseUnknown();
        if (retry is not null && !_retries.ContainsKey(retry))
        {
            throw new SidecarStartException($"{reader.Where}: there is no retry policy \"{retry}\"; known: {string.Join(", ", _retries.Keys.Order())}.");
        }

        if (timeout is not null && !_timeouts.ContainsKey(timeout))
        {
            throw new SidecarStartException($"{reader.Where}: there is no timeout \"{timeout}\"; known: {string.Join(", ", _timeouts.Keys.Order())}.");
        }

        _targets[target] = new Target(retry, timeout);
    }

    private sealed record Target(string? Retry, string? Timeout);

    /// <param name="MaxRetries">-1 means for ever.</param>
    private sealed record RetryPolicy(bool Exponential, TimeSpan Duration, TimeSpan MaxInterval, int MaxRetries)
    {
        // Dapr: exponential starts at 500 ms, grows by 1.5 and is spread by half.
        private const double Multiplier = 1.5;
        private static readonly TimeSpan FirstInterval = TimeSpan.FromMilliseconds(500);

        public static RetryPolicy Read(YamlReader reader)
        {
            var kind = reader.Text("policy") ?? "constant";
            var policy = new RetryPolicy(
                kind == "exponential", reader.Duration("duration", TimeSpan.FromSeconds(5)), reader.Duration("maxInterval", TimeSpan.FromSeconds(60)),
                reader.Number("maxRetries", -1));
            reader.RefuseUnknown();
            return kind is "constant" or "exponential"
                ? policy
                : throw new SidecarStartException($"{reader.Where}: \"policy\" is \"{kind}\"; allowed is constant or exponential.");
        }

        public RetryStrategyOptions Options() => new()
        {
            MaxRetryAttempts = MaxRetries < 0 ? int.MaxValue : MaxRetries,
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is not null and not OperationCanceledException),
            DelayGenerator = arguments => ValueTask.FromResult<TimeSpan?>(Delay(arguments.AttemptNumber)),
        };

        private TimeSpan Delay(int attempt)
        {
            if (!Exponential)
            {
                return Duration;
            }

            var delay = FirstInterval * Math.Pow(Multiplier, Math.Min(attempt, 50));
            return (delay < MaxInterval ? delay : MaxInterval) * (0.5 + Random.Shared.NextDouble());
        }
    }
}
