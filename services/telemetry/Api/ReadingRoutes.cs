using System.Security.Claims;
using Eventide.ServiceDefaults.Problems;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Telemetry.Domain;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Eventide.Telemetry.Api;

/// <summary>Readings over HTTP.</summary>
internal static class ReadingRoutes
{
    private const string RetryAfterSeconds = "5";

    public static void MapReadings(this WebApplication app)
    {
        var readings = app.MapGroup("").RequireSignIn();

        // One vehicle, one reading: 202, or the reason as a problem.
        readings.MapPost("/vehicles/{vehicleId}/readings", async (
            string vehicleId, VehicleReading reading, ClaimsPrincipal user, Intake intake, HttpContext context, CancellationToken token) =>
        {
            if (reading.VehicleId is not null && reading.VehicleId != vehicleId)
            {
                return Problem.Field("vehicleId", $"The body names {reading.VehicleId}, the address {vehicleId}.");
            }

            var result = await intake.TakeAsync([reading with { VehicleId = vehicleId }], user.MayReport(), token);
            return result.Refused is [var refusal] ? Refused(refusal, context) : Results.Accepted(value: result);
        });

        // Many readings, of many vehicles: 202 when all are taken, otherwise 207 (RFC 4918) and the reason for each that is not.
        readings.MapPost("/readings", async (
            ClaimsPrincipal user, Intake intake, IOptions<TelemetryOptions> options, IOptions<JsonOptions> json, HttpContext context, CancellationToken token) =>
        {
            if (!context.Request.HasJsonContentType())
            {
                return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
            }

            var batch = await ReadingsBody.ReadArrayAsync(context.Request, json.Value.SerializerOptions, token);
            if (batch.Count == 0 || batch.Count > options.Value.LargestBatch)
            {
                return Problem.Field("readings", $"Send 1 to {options.Value.LargestBatch} readings at once; these are {batch.Count}.");
            }

            var result = await intake.TakeAsync(batch, user.MayReport(), token);
            if (result.Refused.Any(refusal => refusal.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable))
            {
                context.Response.Headers.RetryAfter = RetryAfterSeconds;
            }

            return result.Refused.Count == 0 ? Results.Accepted(value: result) : Results.Json(result, statusCode: StatusCodes.Status207MultiStatus);
        });
    }

    private static IResult Refused(Refusal refusal, HttpContext context)
    {
        if (refusal.Status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        }

        return Problem.Field(refusal.Field, refusal.Message, "The reading was not taken.", refusal.Status);
    }
}
