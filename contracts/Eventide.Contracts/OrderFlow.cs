namespace Eventide.Contracts;

/// <summary>What an event is to its step of the saga.</summary>
public enum FlowRole
{
    Request,
    Reply,

    /// <summary>The fact that decides the step.</summary>
    Verdict,
}

/// <summary>A type of event that an order can cause, and its place in the saga.</summary>
/// <param name="Stage">Where it belongs in time: everything of one stage comes before anything of the next.</param>
public sealed record FlowEvent(string Type, string Topic, int Stage, FlowRole Role)
{
    /// <summary>Whether its id follows from the order's version instead of from its type.</summary>
    public bool IsFact { get; init; }
}

/// <summary>
/// Every event that an order can cause, in the order of the saga. State stores cannot be searched: who wants the events of an order asks for the ids that follow
/// from this list, and sorts them by it. A new event type of the order path belongs here.
/// </summary>
public static class OrderFlow
{
    /// <summary>More versions than any order has, whatever its way through the saga: accepted, seven steps, the end.</summary>
    public const int MaxVersions = 9;

    private const int UndoStage = 5;
    private const int EndStage = 6;

    private static readonly Dictionary<string, FlowEvent> ByType;

    static OrderFlow()
    {
        All =
        [
            Fact<OrderCreated>(0, FlowRole.Request), Reply<StockReserved>(0), Reply<StockRejected>(0),
            Request<PaymentRequested>(1), Reply<PaymentCaptured>(1), Reply<PaymentDeclined>(1),
            Request<ShipmentRequested>(2), Reply<ShipmentBooked>(2), Reply<ShipmentRejected>(2),
            Request<StockSaleRequested>(3), Reply<StockSold>(3),
            Request<ShipmentCancelRequested>(4), Reply<ShipmentCancelled>(4),
            Request<RefundRequested>(UndoStage), Request<StockReleaseRequested>(UndoStage), Reply<PaymentRefunded>(UndoStage), Reply<StockReleased>(UndoStage),
            Fact<OrderProgressed>(EndStage, FlowRole.Verdict), Fact<OrderConfirmed>(EndStage, FlowRole.Verdict), Fact<OrderCancelled>(EndStage, FlowRole.Verdict),
        ];
        ByType = All.ToDictionary(entry => entry.Type, StringComparer.Ordinal);
    }

    /// <summary>Every type.</summary>
    public static IReadOnlyList<FlowEvent> All { get; }

    /// <summary>The ids of all requests and replies that an order can cause; facts have <see cref="OrderIds.Fact"/> of each version.</summary>
    public static IEnumerable<string> IdsOf(string orderId) => All.Where(entry => !entry.IsFact).Select(entry => OrderIds.Event(orderId, entry.Type));

    /// <summary>The place of a type; null when no order causes it.</summary>
    public static FlowEvent? Find(string type) => ByType.GetValueOrDefault(type);

    /// <summary>Whether the order ends with this fact.</summary>
    public static bool IsTerminal(string type) => type == OrderConfirmed.Type || type == OrderCancelled.Type;

    /// <summary>The stage that the verdict of a step closes; the last for a step that is not known.</summary>
    public static int StageOf(string step) => step switch
    {
        "Stock" => 0,
        "Payment" => 1,
        "Shipment" => 2,
        "Sale" => 3,
        "ShipmentUndo" => 4,
        "PaymentUndo" or "StockUndo" => UndoStage,
        _ => EndStage,
    };

    private static FlowEvent Request<T>(int stage) where T : IEvent => new(T.Type, T.Topic, stage, FlowRole.Request);

    private static FlowEvent Reply<T>(int stage) where T : IEvent => new(T.Type, T.Topic, stage, FlowRole.Reply);

    private static FlowEvent Fact<T>(int stage, FlowRole role) where T : IOrderFact => new(T.Type, T.Topic, stage, role) { IsFact = true };
}
