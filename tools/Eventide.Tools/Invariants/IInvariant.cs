using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>Something that holds for every order or SKU, whatever happened on the way. Pure.</summary>
internal interface IInvariant
{
    /// <summary>Its number in the design, such as I3.</summary>
    string Name { get; }

    /// <summary>Every case in which it does not hold.</summary>
    IEnumerable<Violation> Check(ShopEvidence evidence);
}

/// <summary>A case in which an invariant does not hold.</summary>
/// <param name="Subject">The order id, or the SKU.</param>
internal sealed record Violation(string Subject, string Invariant, string Expected, string Found)
{
    public override string ToString() => $"{Subject} {Invariant}: expected {Expected}, found {Found}";
}
