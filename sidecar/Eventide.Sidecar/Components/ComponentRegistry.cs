using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Metrics;
using Eventide.Sidecar.Resources;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Components;

/// <summary>The opened components of one kind, by name. Filled once at the start, then read by any thread.</summary>
internal sealed partial class ComponentRegistry<TComponent>(
    IEnumerable<IComponentFactory<TComponent>> factories, ComponentResolver resolver, ComponentContext context, SidecarMetrics metrics,
    ILogger<ComponentRegistry<TComponent>> log)
    where TComponent : class
{
    private readonly Dictionary<string, (TComponent Component, ComponentDefinition Definition)> _components = new(StringComparer.Ordinal);

    /// <summary>Every component with its definition.</summary>
    public IReadOnlyCollection<(TComponent Component, ComponentDefinition Definition)> All => _components.Values;

    /// <summary>The component, or null.</summary>
    public TComponent? Find(string name) => _components.TryGetValue(name, out var found) ? found.Component : null;

    /// <summary>Another component like the one of that definition, not opened and not in this registry.</summary>
    public TComponent CreateAnother(ComponentDefinition definition) => factories.First(factory => factory.Type == definition.Type).Create(definition, context);

    /// <summary>Makes and opens every component whose type starts with <paramref name="prefix"/> ("state.").</summary>
    public async Task OpenAsync(string prefix, Func<TComponent, CancellationToken, Task> initialize, CancellationToken cancellationToken)
    {
        foreach (var resource in resolver.Resources.Components.Where(c => c.Type.StartsWith(prefix, StringComparison.Ordinal)))
        {
            if (factories.FirstOrDefault(f => f.Type == resource.Type) is not { } factory)
            {
                // It has ignoreErrors, or ComponentTypes would have stopped the start.
                continue;
            }

            try
            {
                var definition = await resolver.ResolveAsync(resource, cancellationToken);
                var component = factory.Create(definition, context);
                WarnOfUnread(definition);
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(definition.InitTimeout);
                await initialize(component, limit.Token);
                _components.Add(resource.Name, (component, definition));
                metrics.ComponentLoaded();
                Loaded(resource.Name, resource.Type, resource.Version);
            }
            catch (Exception failure) when (resource.IgnoreErrors && !cancellationToken.IsCancellationRequested)
            {
                Ignored(failure, resource.Name);
            }
            catch (Exception failure) when (failure is not SidecarStartException && !cancellationToken.IsCancellationRequested)
            {
                throw new SidecarStartException(
                    $"{resource.File}: component \"{resource.Name}\" ({resource.Type}/{resource.Version}) did not start: {failure.Message}", failure);
            }
        }
    }

    private void WarnOfUnread(ComponentDefinition definition)
    {
        foreach (var name in definition.Metadata.Unread)
        {
            if (Spelling.Nearest(name, definition.Metadata.Known) is { } near)
            {
                throw new SidecarStartException(
                    $"{definition.File}: component \"{definition.Name}\" has the unknown setting \"{name}\". Did you mean \"{near}\"?");
            }

            UnknownSetting(definition.File, definition.Name, name);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Component loaded: {Name} ({Type}/{Version})")]
    private partial void Loaded(string name, string type, string version);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ignoring error processing component {Name} (ignoreErrors is true)")]
    private partial void Ignored(Exception failure, string name);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{File}: component {Component} does not know the setting {Name}; it has no effect")]
    private partial void UnknownSetting(string file, string component, string name);
}
