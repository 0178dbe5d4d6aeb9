using Eventide.Tools.Evidence;

namespace Eventide.Tools.Invariants;

/// <summary>All invariants.</summary>
internal static class InvariantChecks
{
    public static IReadOnlyList<IInvariant> All { get; } =
    [
        new EndsOnce(), new MoneyIsRight(), new StockIsConserved(), new CancelledIsUndone(), new StepsInOrder(), new OnlyLegalChanges(), new EveryChangeHasItsEvent(),
        new ReplayChangesNothing(), new ReadModelsFollow(), new NothingUnexplained(), new PromisesAreKept(),
    ];

    /// <summary>Whether there is no violation.</summary>
    public static bool Hold(ShopEvidence evidence) => All.All(invariant => !invariant.Check(evidence).Any());

    public static IReadOnlyList<Violation> Run(ShopEvidence evidence) => [.. All.SelectMany(invariant => invariant.Check(evidence))];
}
