using System.Security.Claims;
using Eventide.Contracts;
using Eventide.ServiceDefaults.SignIn;

namespace Eventide.Telemetry.Api;

/// <summary>Who speaks: a vehicle for itself, by the "sub" of its token, or a gateway for all, by its scope (RFC 8693).</summary>
internal static class VehicleIdentity
{
    /// <summary>Whether the caller may report for a vehicle.</summary>
    public static Func<string, bool> MayReport(this ClaimsPrincipal user) =>
        user.HasScope(FleetScopes.ReportForAll) ? _ => true : vehicle => vehicle == user.Subject();
}
