namespace Eventide.Contracts;

/// <summary>A message between services. Its type name carries a version and never changes; a new shape is a new version.</summary>
public interface IEvent
{
    /// <summary>The CloudEvents type, such as eventide.ordering.order-created.v1.</summary>
    static abstract string Type { get; }

    /// <summary>Where it is published.</summary>
    static abstract string Topic { get; }

    /// <summary>The order it belongs to; also the partition key.</summary>
    string OrderId { get; }
}

/// <summary>A change of the order document. Read models fold facts by version, never by arrival or clock.</summary>
public interface IOrderFact : IEvent
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
