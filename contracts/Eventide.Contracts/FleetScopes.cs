namespace Eventide.Contracts;

/// <summary>Scopes of tokens (RFC 8693) that the fleet's services know.</summary>
public static class FleetScopes
{
    /// <summary>A gateway that passes on the readings of any vehicle.</summary>
    public const string ReportForAll = "telemetry.report-for-all";
}
