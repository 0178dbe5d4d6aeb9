using Eventide.Contracts.Telemetry.V1;
using Eventide.Telemetry.Domain;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Refusal = Eventide.Contracts.Telemetry.V1.Refusal;
using Wire = Eventide.Contracts.Telemetry.V1.VehicleReading;

namespace Eventide.Telemetry.Api;

/// <summary>Readings over gRPC, by the same rules as over HTTP.</summary>
internal sealed class TelemetryGrpc(Intake intake, IOptions<TelemetryOptions> options) : TelemetryService.TelemetryServiceBase
{
    public override async Task<ReportResponse> Report(ReportRequest request, ServerCallContext context)
    {
        if (request.Readings.Count == 0 || request.Readings.Count > options.Value.LargestBatch)
        {
            throw new RpcException(new Status(
                StatusCode.InvalidArgument, $"readings: Send 1 to {options.Value.LargestBatch} readings at once; these are {request.Readings.Count}."));
        }

        var result = await intake.TakeAsync([.. request.Readings.Select(Read)], context.GetHttpContext().User.MayReport(), context.CancellationToken);
        return new ReportResponse
        {
            Accepted = result.Accepted,
            Refused =
            {
                result.Refused.Select(refusal => new Refusal { Index = refusal.Index, Status = refusal.Status, Field = refusal.Field, Message = refusal.Message }),
            },
            SkewedClocks = { result.SkewedClocks },
        };
    }

    private static Domain.VehicleReading Read(Wire reading) => new()
    {
        VehicleId = reading.VehicleId,
        Sequence = reading.Sequence,
        At = reading.At?.ToDateTimeOffset(),
        Latitude = reading.Latitude,
        Longitude = reading.Longitude,
        Speed = reading.Speed,
        Odometer = reading.Odometer,
        Ignition = reading.Ignition,
        Trip = reading.Trip,
    };
}
