using System.Net.Http.Json;
using System.Text.Json;

namespace Eventide.Benchmarks.Fleets;

/// <summary>Whether fleet knows what it was told: a pace at which something gets lost is none.</summary>
internal static class FleetVerification
{
    private const int AtOnce = 500;

    /// <summary>Asks for vehicles of which each has sent so many readings.</summary>
    /// <exception cref="InvalidOperationException">A vehicle is not known, or has another number of readings.</exception>
    public static async Task VerifyAsync(HttpClient fleet, IReadOnlyList<string> ids, int readings, CancellationToken cancellationToken)
    {
        foreach (var some in ids.Chunk(AtOnce))
        {
            var found = await fleet.GetFromJsonAsync<VehicleView[]>($"/vehicles?ids={string.Join(',', some)}", JsonSerializerOptions.Web, cancellationToken) ?? [];
            var wrong = found.FirstOrDefault(vehicle => (vehicle.Readings, vehicle.Missing, vehicle.Position.Sequence) != (readings, 0, readings));
            if (found.Length != some.Length || wrong is not null)
            {
                throw new InvalidOperationException(
                    $"Each vehicle has sent {readings} readings; fleet knows {found.Length} of {some.Length} vehicles{(wrong is null ? "" : $", and says {wrong}")}.");
            }
        }
    }

    private sealed record VehicleView(string Id, Position Position, long Readings, long Missing);

    private sealed record Position(long Sequence);
}
