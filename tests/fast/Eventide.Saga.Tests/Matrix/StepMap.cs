using Eventide.Contracts;
using Eventide.Ordering.Domain;
using Eventide.Saga.Tests.Faults;

namespace Eventide.Saga.Tests.Matrix;

/// <summary>Who does a step, what asks for it and what answers.</summary>
/// <param name="Record">The document in which the participant writes it down.</param>
internal sealed record StepRoute(string App, string Request, string Reply, string Record)
{
    /// <summary>Where the participant takes the request.</summary>
    public string Asked => Points.Handle(App, Request);

    /// <summary>Where the saga takes the answer.</summary>
    public string Answered => Points.Handle("ordering", Reply);

    /// <summary>Every step that somebody answers.</summary>
    public static IReadOnlyDictionary<SagaStep, StepRoute> Of { get; } = new Dictionary<SagaStep, StepRoute>
    {
        [SagaStep.Stock] = new("inventory", OrderCreated.Type, StockReserved.Type, "reservation"),
        [SagaStep.Payment] = new("payment", PaymentRequested.Type, PaymentCaptured.Type, "payment"),
        [SagaStep.Shipment] = new("shipping", ShipmentRequested.Type, ShipmentBooked.Type, "shipment"),
        [SagaStep.Sale] = new("inventory", StockSaleRequested.Type, StockSold.Type, "reservation"),
        [SagaStep.ShipmentUndo] = new("shipping", ShipmentCancelRequested.Type, ShipmentCancelled.Type, "shipment"),
        [SagaStep.PaymentUndo] = new("payment", RefundRequested.Type, PaymentRefunded.Type, "payment"),
        [SagaStep.StockUndo] = new("inventory", StockReleaseRequested.Type, StockReleased.Type, "reservation"),
    };
}
