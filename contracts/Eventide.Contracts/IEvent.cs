namespace Eventide.Contracts;

/// <summary>A message between services. Its type name carries a version and never changes; a new shape is a new version.</summary>
public interface IEvent
{
    /// <summary>The CloudEvents type, such as eventide.ordering.order-created.v1.</summary>
    static abstract string Type { get; }

    /// <summary>Where it is published.</summary>
    static abstract string Topic { get; }

    /// <summary>What it is about: an order or a vehicle; also the partition key.</summary>
    string Subject { get; }
}

/// <summary>An event of an order; its id follows from the order (<see cref="OrderIds"/>).</summary>
public interface IOrderEvent : IEvent
{
    /// <summary>The order it belongs to.</summary>
    string OrderId { get; }

    string IEvent.Subject => OrderId;
}

/// <summary>An event of a vehicle.</summary>
public interface IVehicleEvent : IEvent
{
    /// <summary>The vehicle it belongs to.</summary>
    string VehicleId { get; }

    /// <summary>It follows from the vehicle and what happened, so that publishing twice is recognisable.</summary>
    string EventId { get; }

    string IEvent.Subject => VehicleId;
}

/// <summary>A change of the order document. Read models fold facts by version, never by arrival or clock.</summary>
public interface IOrderFact : IOrderEvent
{
    /// <summary>The version of the document that the change led to: 1 for the accepted order, without gaps until it ends.</summary>
    int OrderVersion { get; }
}

/// <summary>A request that a participant refuses after <see cref="NotAfter"/>, so that a redrive next month captures nothing.</summary>
public interface IExpiringRequest
{
    /// <summary>The last moment at which the request may still be carried out.</summary>
    DateTimeOffset NotAfter { get; }
}

/// <summary>How long requests and what answers them have to live.</summary>
public static class RequestLifetime
{
    /// <summary>No request may be valid for longer than this. An undo that comes before its request has to outlive it, and cannot know its end.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    /// <summary>So much longer than the request lives the record of its refusal or undo, for clocks that differ.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(10);

    /// <summary>How long to keep the record of a request that was refused or undone. A request that is delivered later is refused by its own end.</summary>
    /// <param name="notAfter">The end of the request; null when only its undo has been seen.</param>
    public static TimeSpan OfRefusal(DateTimeOffset? notAfter, DateTimeOffset now)
    {
        var left = notAfter is { } end ? end - now : Longest;
        return (left > TimeSpan.Zero ? left : TimeSpan.Zero) + Grace;
    }
}
