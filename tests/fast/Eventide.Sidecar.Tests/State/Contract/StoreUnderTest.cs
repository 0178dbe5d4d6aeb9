using Eventide.Sidecar.Components;
using Eventide.Sidecar.Components.State;
using Eventide.Sidecar.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Eventide.Sidecar.Tests.State;

/// <summary>
/// One store as the contract sees it: the component that reaches it, and what it does otherwise than the contract says, in words for an operator. A class
/// fixture. Where the results are kept, the suite says in another part of this class.
/// </summary>
public abstract partial class StoreUnderTest : IAsyncLifetime
{
    /// <summary>The column of the table: "sqlite".</summary>
    public abstract string Name { get; }

    /// <summary>Such as state.sqlite.</summary>
    public abstract string ComponentType { get; }

    /// <summary>The component's settings. Read after the server has started.</summary>
    public abstract IReadOnlyList<(string Name, string Value)> Settings { get; }

    /// <summary>Where the store differs, and how: the cells of the table. A test of such a behaviour checks what is left of it, or is skipped with the sentence.</summary>
    public virtual IReadOnlyDictionary<StoreBehaviour, string> Differences { get; } = new Dictionary<StoreBehaviour, string>();

    /// <summary>Whether the store lives in the sidecar and with its clock; otherwise it has a server with a clock of its own.</summary>
    public virtual bool IsEmbedded => true;

    /// <summary>The version of the component.</summary>
    public virtual string Version => "v1";

    /// <summary>One sentence with a remedy when the server is not installed; the suite is then skipped with it.</summary>
    internal virtual string? Missing => null;

    /// <summary>The component's factory, for what no API reaches.</summary>
    private protected abstract IComponentFactory<IStateStore> Factory { get; }

    /// <inheritdoc/>
    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public virtual ValueTask DisposeAsync()
    {
        Finished();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes the store ready for a test, whatever the one before did to it.</summary>
    internal virtual Task StartAsync() => Task.CompletedTask;

    /// <summary>The stated difference, or null: the store does as the contract says.</summary>
    internal string? Difference(StoreBehaviour behaviour) => Differences.GetValueOrDefault(behaviour);

    /// <summary>Skips a test of what the store states to be otherwise.</summary>
    internal void Needs(StoreBehaviour behaviour) => Assert.SkipWhen(Difference(behaviour) is not null, Difference(behaviour) ?? "");

    /// <summary>Writes the component's file.</summary>
    internal void WriteComponent(Sidecars sidecars, params (string Name, string Value)[] more) =>
        sidecars.Component("store", ComponentType, Version, [.. Settings, .. more]);

    /// <summary>The component by itself, not opened, as another process would have it.</summary>
    internal IStateStore Component(string folder, params (string Name, string Value)[] more) => Factory.Create(
        new ComponentDefinition(
            "store", ComponentType, Version, "store.yaml", IgnoreErrors: false, TimeSpan.FromSeconds(5),
            new ComponentMetadata("store.yaml", "store", Settings.Concat(more).ToDictionary(setting => setting.Name, setting => setting.Value)), []),
        new ComponentContext("shop", "default", folder, () => [], TimeProvider.System, NullLoggerFactory.Instance, new SharedComponents()));

    /// <summary>A test of a behaviour has ended.</summary>
    internal void Note(StoreBehaviour behaviour, TestResult result) => Noted(behaviour, result);

    partial void Noted(StoreBehaviour behaviour, TestResult result);

    partial void Finished();
}
