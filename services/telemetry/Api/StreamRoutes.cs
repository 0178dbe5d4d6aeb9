using System.Text.Json;
using Eventide.ServiceDefaults.SignIn;
using Eventide.Telemetry.Domain;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace Eventide.Telemetry.Api;

/// <summary>
/// Readings from a stream, as Dapr's input binding "vehicle-readings" brings them: a record is one reading or an array of them. Whoever may write to the stream speaks for
/// every vehicle, so the route is there only when the sidecar proves itself by APP_API_TOKEN.
/// </summary>
internal static partial class StreamRoutes
{
    private const string Binding = "/vehicle-readings";

    /// <summary>A record of Kinesis is not larger.</summary>
    private const long LargestRecord = 10 * 1024 * 1024;

    public static void MapStream(this WebApplication app)
    {
        if (app.Configuration["APP_API_TOKEN"] is { Length: > 0 })
        {
            // Dapr asks by OPTIONS whether there is such a route; 405, which follows from this one, means yes.
            app.MapPost(Binding, TakeAsync).WithMetadata(new RecordSizeLimit()).RequireSidecar();
        }
    }

    /// <summary>
    /// 200 when nothing is left to do with the record, and no other 2xx, because Dapr repeats those; 503 when the broker did not take all of it, so that it is repeated.
    /// What is refused can be told to nobody but the log: a record that is repeated for ever would hold up its shard.
    /// </summary>
    private static async Task<IResult> TakeAsync(
        HttpRequest request, Intake intake, IOptions<TelemetryOptions> options, IOptions<JsonOptions> json, ILogger<Intake> log, CancellationToken token)
    {
        IReadOnlyList<VehicleReading> readings;
        try
        {
            readings = await ReadingsBody.ReadArrayOrOneAsync(request, json.Value.SerializerOptions, token);
        }
        catch (JsonException fault)
        {
            Unreadable(log, fault);
            return Results.Ok();
        }

        var isTaken = true;
        foreach (var batch in readings.Chunk(options.Value.LargestBatch))
        {
            var result = await intake.TakeAsync(batch, _ => true, token);
            foreach (var group in result.Refused.GroupBy(refusal => (refusal.Status, refusal.Field, refusal.Message)))
            {
                var (status, field, message) = group.Key;
                isTaken &= status != StatusCodes.Status503ServiceUnavailable;
                Refused(log, group.Count(), batch.Length, batch[group.First().Index].VehicleId, field, message);
            }
        }

        return isTaken ? Results.Ok() : Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A record of the stream vehicle-readings is left out: it is no JSON object or array")]
    private static partial void Unreadable(ILogger log, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Refused} of {Count} readings of a record of the stream vehicle-readings were not taken, the first of vehicle {VehicleId}: {Field}: {Reason}")]
    private static partial void Refused(ILogger log, int refused, int count, string? vehicleId, string field, string reason);

    private sealed class RecordSizeLimit : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => LargestRecord;
    }
}
