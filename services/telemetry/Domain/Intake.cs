using Eventide.Contracts;
using Eventide.ServiceDefaults.Messaging;

namespace Eventide.Telemetry.Domain;

/// <summary>
/// Takes readings: each is accepted or refused by itself, and accepted means that the broker has it. Those of one vehicle travel together, under the vehicle's
/// partition key, in the order in which they came. Thread-safe.
/// </summary>
internal sealed class Intake(ReadingRules rules, VehicleLimits limits, BulkEventPublisher publisher, TimeProvider time)
{
    /// <param name="mayReport">Whether the caller may speak for a vehicle.</param>
    public async Task<IntakeResult> TakeAsync(IReadOnlyList<VehicleReading> readings, Func<string, bool> mayReport, CancellationToken cancellationToken)
    {
        var refused = new List<Refusal>();
        var skewed = new SortedSet<string>(StringComparer.Ordinal);
        var byVehicle = new Dictionary<string, List<(int Index, Reading Reading)>>(StringComparer.Ordinal);
        foreach (var (index, reading) in readings.Index())
        {
            if (RefusalOf(index, reading, mayReport) is { } refusal)
            {
                refused.Add(refusal);
                continue;
            }

            if (rules.IsSkewed(reading))
            {
                skewed.Add(reading.VehicleId!);
            }

            if (!byVehicle.TryGetValue(reading.VehicleId!, out var own))
            {
                byVehicle[reading.VehicleId!] = own = [];
            }

            own.Add((index, ReadingRules.Checked(reading)));
        }

        var now = time.GetUtcNow();
        var events = byVehicle.Select(vehicle => new ReadingsReceived(vehicle.Key, now, [.. vehicle.Value.Select(entry => entry.Reading)])).ToList();
        foreach (var (message, isPublished) in events.Zip(await publisher.PublishAsync(events, cancellationToken)))
        {
            if (!isPublished)
            {
                refused.AddRange(byVehicle[message.VehicleId].Select(entry => new Refusal(
                    entry.Index, StatusCodes.Status503ServiceUnavailable, "readings", "The broker did not take it; send it again in some seconds.")));
            }
        }

        return new IntakeResult(readings.Count - refused.Count, [.. refused.OrderBy(refusal => refusal.Index)], [.. skewed]);
    }

    private Refusal? RefusalOf(int index, VehicleReading reading, Func<string, bool> mayReport)
    {
        if (rules.FaultOf(reading) is var (field, message))
        {
            return new Refusal(index, StatusCodes.Status400BadRequest, field, message);
        }

        if (!mayReport(reading.VehicleId!))
        {
            return new Refusal(index, StatusCodes.Status403Forbidden, "vehicleId", "The token is that of another vehicle.");
        }

        return limits.TryTake(reading.VehicleId!)
            ? null
            : new Refusal(index, StatusCodes.Status429TooManyRequests, "vehicleId", "The vehicle sends more readings than it may; send it again in some seconds.");
    }
}
