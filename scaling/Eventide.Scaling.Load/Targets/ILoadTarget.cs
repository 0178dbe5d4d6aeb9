using Eventide.Scaling.Load.Schedule;

namespace Eventide.Scaling.Load.Targets;

/// <summary>
/// What a load run drives. No method throws for what the target does; only <see cref="OperationCanceledException"/> comes out, and what the user has to put right.
/// Implementations are thread-safe.
/// </summary>
public interface ILoadTarget
{
    /// <summary>Opens a page of the catalog.</summary>
    Task<LoadAnswer> BrowseAsync(string path, CancellationToken cancellationToken);

    /// <summary>Puts a product into the basket of a customer.</summary>
    Task<LoadAnswer> PutInBasketAsync(string customer, BasketStep step, CancellationToken cancellationToken);

    /// <summary>Places an order.</summary>
    Task<LoadAnswer> PlaceOrderAsync(Purchase purchase, CancellationToken cancellationToken);

    /// <summary>Looks at an order.</summary>
    Task<OrderLook> FindOrderAsync(string customer, string orderId, CancellationToken cancellationToken);

    /// <summary>Sends readings.</summary>
    /// <param name="readings">All of the sender's, unless it is a gateway.</param>
    /// <param name="clock">How devices tell the time.</param>
    Task<ReportAnswer> ReportAsync(string sender, bool isGateway, IReadOnlyList<DeviceReading> readings, DeviceClock clock, CancellationToken cancellationToken);

    /// <summary>What the service fleet has counted of vehicles; those that it has never heard are left out. Null when it did not answer.</summary>
    Task<IReadOnlyList<VehicleCount>?> FindVehiclesAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken);
}

/// <summary>Names and times of devices.</summary>
/// <param name="Ids">Of each vehicle, by its number.</param>
/// <param name="Midnight">When a device's simulated day began, by its own clock.</param>
public sealed record DeviceClock(IReadOnlyList<string> Ids, DateTimeOffset Midnight);

/// <summary>How something was taken.</summary>
public enum Verdict
{
    /// <summary>As it should be (2xx).</summary>
    Answered,

    /// <summary>By a rule (4xx).</summary>
    Refused,

    /// <summary>An error (5xx), a broken connection, or no answer in time.</summary>
    Failed,
}

/// <summary>How something was taken, and with which HTTP status; 0 when there was none.</summary>
public readonly record struct LoadAnswer(Verdict Verdict, int Status);

/// <summary>Where an order is on its way.</summary>
public enum OrderEnd
{
    /// <summary>It has not ended.</summary>
    Open,

    /// <summary>All went well.</summary>
    Confirmed,

    /// <summary>Everything was undone.</summary>
    Cancelled,
}

/// <summary>What a customer saw of an order.</summary>
public readonly record struct OrderLook(LoadAnswer Answer, OrderEnd End);

/// <summary>What became of readings that were sent together.</summary>
/// <param name="Refused">Those that were not taken, when the others were.</param>
public readonly record struct ReportAnswer(LoadAnswer Answer, IReadOnlyList<RefusedReading> Refused);

/// <summary>A reading that was not taken, by its place, and why as an HTTP status.</summary>
public readonly record struct RefusedReading(int Index, int Status);

/// <summary>What the service fleet knows of a vehicle.</summary>
/// <param name="Readings">Each counted once.</param>
/// <param name="Missing">Gaps in its sequence.</param>
/// <param name="Late">That came after a newer one.</param>
public sealed record VehicleCount(string Id, long Readings, long Missing, long Late);
