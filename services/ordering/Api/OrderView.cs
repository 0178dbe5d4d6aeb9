using Eventide.Contracts;
using Eventide.Ordering.Domain;

namespace Eventide.Ordering.Api;

/// <summary>What a customer sees.</summary>
internal sealed record OrderView(
    string Id, string State, decimal Total, string? Reason, int Version, IReadOnlyList<OrderLine> Lines, IReadOnlyDictionary<string, string> Steps)
{
    public static OrderView Of(Order order) => new(
        order.Id, order.State.ToString(), order.Total, order.Reason, order.Version, order.Lines,
        order.Verdicts.ToDictionary(verdict => verdict.Key.ToString(), verdict => verdict.Value.Outcome));
}
