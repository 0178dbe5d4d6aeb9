using Eventide.Contracts;

namespace Eventide.Telemetry.Domain;

/// <summary>A reading as a vehicle or a gateway sends it. Everything may be missing or wrong.</summary>
public sealed record VehicleReading
{
    /// <summary>The vehicle; where the route names it, this may be left out.</summary>
    public string? VehicleId { get; init; }

    /// <inheritdoc cref="Reading.Sequence"/>
    public long? Sequence { get; init; }

    /// <inheritdoc cref="Reading.At"/>
    public DateTimeOffset? At { get; init; }

    /// <summary>In degrees, north is positive.</summary>
    public double? Latitude { get; init; }

    /// <summary>In degrees, east is positive.</summary>
    public double? Longitude { get; init; }

    /// <summary>In km/h.</summary>
    public double? Speed { get; init; }

    /// <summary>In km.</summary>
    public double? Odometer { get; init; }

    /// <summary>Whether the ignition is on.</summary>
    public bool? Ignition { get; init; }

    /// <inheritdoc cref="Reading.Trip"/>
    public int? Trip { get; init; }

    /// <summary>What could not be read of it, and why; null when nothing was wrong with its form.</summary>
    internal (string Field, string Message)? Unreadable { get; init; }
}

/// <summary>Why one reading of a batch was not taken.</summary>
/// <param name="Index">Its place in the request, from 0.</param>
/// <param name="Status">As an answer to it alone would have had: 400, 403, 429 or 503.</param>
/// <param name="Field">What is at fault.</param>
/// <param name="Message">What to do about it.</param>
public sealed record Refusal(int Index, int Status, string Field, string Message);

/// <summary>What became of a request.</summary>
/// <param name="Accepted">So many readings are in the broker.</param>
/// <param name="SkewedClocks">Vehicles whose clock is ahead of ours; their readings were accepted.</param>
public sealed record IntakeResult(int Accepted, IReadOnlyList<Refusal> Refused, IReadOnlyList<string> SkewedClocks);
