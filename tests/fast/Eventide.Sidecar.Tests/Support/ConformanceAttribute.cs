using Xunit.v3;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>
/// Marks tests of the API that Dapr documents. They talk to addresses only, so that any sidecar can be behind them: <c>make conformance SIDECAR=PATH</c>.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ConformanceAttribute : Attribute, ITraitAttribute
{
    public const string Category = "conformance";

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [KeyValuePair.Create("category", Category)];
}
