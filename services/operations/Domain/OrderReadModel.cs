using System.Text.Json;
using Eventide.Contracts;

namespace Eventide.Operations.Domain;

/// <summary>How an order is doing.</summary>
internal enum OrderProgress
{
    InProgress,
    Confirmed,
    Cancelled,
}

/// <summary>
/// What the facts of an order add up to. They are folded by version: neither the order in which they arrive nor how often nor anybody's clock makes a difference,
/// so nothing here is a time.
/// </summary>
/// <param name="Step">What the order waits for; null when it has ended.</param>
/// <param name="Verdicts">What was decided, by step.</param>
/// <param name="LastVersion">The highest version seen.</param>
/// <param name="Gaps">Versions below that were not seen yet: their facts are on the way, or lost.</param>
internal sealed record OrderReadModel(
    string OrderId, string? CustomerId, decimal? Total, OrderProgress State, string? Step, string? Reason, int LastVersion, IReadOnlyList<int> Gaps,
    IReadOnlyDictionary<string, string> Verdicts)
{
    private const string Done = "done";

    /// <summary>Folds facts that come in any order, some of them repeatedly. Null when there is none.</summary>
    public static OrderReadModel? Fold(IEnumerable<TimelineEntry> events)
    {
        var facts = new SortedDictionary<int, TimelineEntry>();
        foreach (var entry in events)
        {
            if (entry.OrderVersion is { } version)
            {
                facts[version] = entry;
            }
        }

        if (facts.Count == 0)
        {
            return null;
        }

        var verdicts = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var (state, customer, total, reason) = (OrderProgress.InProgress, default(string), default(decimal?), default(string));
        foreach (var fact in facts.Values)
        {
            customer ??= fact.DataText("customerId");
            if (fact.Type == OrderCreated.Type)
            {
                total = fact.Data.TryGetProperty("total", out var amount) && amount.ValueKind == JsonValueKind.Number ? amount.GetDecimal() : null;
            }
            else if (fact.Type == OrderProgressed.Type)
            {
                verdicts[fact.DataText("step") ?? ""] = fact.DataText("verdict") ?? "";
            }
            else
            {
                state = fact.Type == OrderConfirmed.Type ? OrderProgress.Confirmed : OrderProgress.Cancelled;
                reason = fact.DataText("reason");
            }
        }

        var last = facts.Keys.Last();
        return new OrderReadModel(
            facts.Values.First().OrderId, customer, total, state, state == OrderProgress.InProgress ? NextStep(verdicts) : null, reason, last,
            [.. Enumerable.Range(1, last).Where(version => !facts.ContainsKey(version))], verdicts);
    }

    /// <summary>The first step on the way of the saga that is not decided: forward while all went well, else the undo of what may have been done.</summary>
    private static string NextStep(IReadOnlyDictionary<string, string> verdicts)
    {
        string[] forward = ["Stock", "Payment", "Shipment", "Sale"];
        var failed = Array.FindIndex(forward, step => verdicts.TryGetValue(step, out var verdict) && verdict != Done);
        string[] steps = failed switch
        {
            < 0 => forward,
            0 => ["StockUndo"],
            1 => ["PaymentUndo", "StockUndo"],
            _ => ["ShipmentUndo", "PaymentUndo", "StockUndo"],
        };
        return steps.FirstOrDefault(step => !verdicts.ContainsKey(step)) ?? "End";
    }
}
