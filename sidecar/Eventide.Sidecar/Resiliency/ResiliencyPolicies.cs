using System.Collections.Concurrent;
using Eventide.Sidecar.Resources;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;

namespace Eventide.Sidecar.Resiliency;

/// <summary>Policies from the resiliency files as pipelines (Dapr: pkg/resiliency). A pipeline is made once per target and kept with its breaker. Thread-safe.</summary>
internal sealed partial class ResiliencyPolicies : IResiliencyPolicies
{
    private const string BuiltInServiceRetries = "DaprBuiltInServiceRetries";
    private static readonly string[] AppLevels = ["App"];
    private readonly ConcurrentDictionary<string, ResiliencePipeline> _pipelines = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, OperationPipelines?> _operations = new(StringComparer.Ordinal);
    private readonly ResiliencyDefinitions _definitions;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    public ResiliencyPolicies(LoadedResources resources, TimeProvider time, ILogger<ResiliencyPolicies> log)
    {
        (_definitions, _time, _log) = (ResiliencyDefinitions.Read(resources.Resiliencies), time, log);
        var builtIn = _definitions.NamedRetry(BuiltInServiceRetries)
            ?? new RetryPolicy(Exponential: false, TimeSpan.FromSeconds(1), TimeSpan.Zero, MaxRetries: 3, StatusCodeFilter.All);
        ForUnreachableApp = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddStrategy(
                _ => new RetryStrategy(builtIn.MaxRetries is >= 0 and < 3 ? builtIn with { MaxRetries = 3 } : builtIn, IsUnreachable, time), new Options("retry"))
            .Build();
    }

    /// <inheritdoc/>
    public ResiliencePipeline ForUnreachableApp { get; }

    /// <inheritdoc/>
    public ResiliencePipeline ForApp(string appId, string operation)
    {
        var perOperation = _operations.GetOrAdd(appId, static (app, self) =>
        {
            var target = self._definitions.Target($"app {app}");
            return self._definitions.Breaker(target.Breaker, AppLevels) is null
                ? null
                : new OperationPipelines(target.Breakers, path => self.Build($"app {app}", $"{app}:{path}", AppLevels));
        }, this);
        return perOperation?.For(operation.Split('?', 2)[0])
            ?? _pipelines.GetOrAdd($"app {appId}", static (target, self) => self.Build(target, target, AppLevels), this);
    }

    /// <inheritdoc/>
    public ResiliencePipeline ForComponentOutbound(string componentName, ComponentKind kind) => ForComponent("outbound", componentName, kind, "Outbound");

    /// <inheritdoc/>
    public ResiliencePipeline ForComponentInbound(string componentName, ComponentKind kind) => ForComponent("inbound", componentName, kind, "Inbound");

    private ResiliencePipeline ForComponent(string prefix, string name, ComponentKind kind, string direction) => _pipelines.GetOrAdd(
        $"{prefix} {name}",
        static (target, use) => use.self.Build(target, target, $"{use.kind}Component{use.direction}", $"Component{use.direction}", "Component"),
        (self: this, kind, direction));

    private ResiliencePipeline Build(string target, string breakerName, params ReadOnlySpan<string> levels)
    {
        var named = _definitions.Target(target);
        var (retry, breaker, timeout) = (
            _definitions.Retry(named.Retry, levels), _definitions.Breaker(named.Breaker, levels), _definitions.Timeout(named.Timeout, levels));
        if (retry is null or { MaxRetries: 0 } && breaker is null && timeout == default)
        {
            return ResiliencePipeline.Empty;
        }

        var builder = new ResiliencePipelineBuilder { TimeProvider = _time };
        if (retry is { MaxRetries: not 0 })
        {
            builder.AddStrategy(_ => new RetryStrategy(retry, _ => true, _time), new Options("retry"));
        }

        if (breaker is not null)
        {
            var circuit = new CircuitBreaker(breaker, _time, state => Turned(breakerName, state));
            builder.AddStrategy(_ => new CircuitBreakerStrategy(circuit), new Options("circuit breaker"));
        }

        if (timeout > TimeSpan.Zero)
        {
            builder.AddTimeout(new TimeoutStrategyOptions { Timeout = timeout });
        }

        return builder.Build();
    }

    // Only what certainly never arrived may be sent again without a policy that says so.
    private static bool IsUnreachable(Exception failure) => failure switch
    {
        HttpRequestException http => http.HttpRequestError == HttpRequestError.ConnectionError,
        RpcException { Status.DebugException: { } cause } => IsUnreachable(cause),
        _ => false,
    };

    private void Turned(string target, CircuitState state)
    {
        if (state == CircuitState.Open)
        {
            Opened(target);
        }
        else
        {
            Changed(target, state);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The circuit breaker of {Target} opened: calls fail at once until its timeout has passed")]
    private partial void Opened(string target);

    [LoggerMessage(Level = LogLevel.Information, Message = "The circuit breaker of {Target} is {State}")]
    private partial void Changed(string target, CircuitState state);

    private sealed class Options : ResilienceStrategyOptions
    {
        public Options(string name) => Name = name;
    }
}
