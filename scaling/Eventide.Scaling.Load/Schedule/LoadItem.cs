namespace Eventide.Scaling.Load.Schedule;

/// <summary>Something that begins outside at a time of the simulated day, whatever became of what began before.</summary>
/// <param name="At">Time since the midnight before the run; past 24 hours it is the next day.</param>
public abstract record LoadItem(TimeSpan At);

/// <summary>Somebody looks at pages.</summary>
/// <param name="Pages">When each is opened; one that was not answered by the time of the next holds that one back.</param>
public sealed record Visit(TimeSpan At, IReadOnlyList<PageView> Pages) : LoadItem(At);

/// <summary>A page and when it is opened.</summary>
public readonly record struct PageView(TimeSpan At, string Path);

/// <summary>Somebody fills the basket and buys.</summary>
/// <param name="Customer">Who signs in.</param>
/// <param name="Key">The Idempotency-Key of the order.</param>
/// <param name="Basket">When each product is put into the basket.</param>
/// <param name="PlaceAt">When the order is placed.</param>
public sealed record Purchase(
    TimeSpan At, string Customer, string Key, IReadOnlyList<BasketStep> Basket, TimeSpan PlaceAt, string PaymentToken, string Country) : LoadItem(At);

/// <summary>A product, how many of it, and when it is put into the basket.</summary>
public readonly record struct BasketStep(TimeSpan At, string Sku, int Quantity);

/// <summary>Readings that are sent together.</summary>
/// <param name="Sender">The vehicle or the gateway that signs in.</param>
/// <param name="IsGateway">Whether the sender may speak for all.</param>
/// <param name="Readings">One when a vehicle sends for itself and has kept nothing.</param>
public sealed record Transmission(TimeSpan At, string Sender, bool IsGateway, IReadOnlyList<DeviceReading> Readings) : LoadItem(At);

/// <summary>What a vehicle reads from its instruments.</summary>
/// <param name="Vehicle">Its number in the fleet, from 0.</param>
/// <param name="At">By the device's clock, in simulated time since midnight.</param>
/// <param name="Speed">In km/h.</param>
/// <param name="Odometer">In km.</param>
public readonly record struct DeviceReading(
    int Vehicle, long Sequence, TimeSpan At, double Latitude, double Longitude, double Speed, double Odometer, bool Ignition, int Trip);
