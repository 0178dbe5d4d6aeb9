using System.Globalization;
using Eventide.Scaling.Chart;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Economics;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Report;

/// <summary>The fleet on the page: how it talks over the day, and what its services need for that at three sizes.</summary>
internal sealed class FleetSection(Fleet fleet, IReadOnlyList<FleetDay> days, Prices prices)
{
    private static readonly int[] Sizes = [1, 10, 100];

    /// <summary>Simulates a day of the fleet as it is, ten times and a hundred times as large.</summary>
    /// <exception cref="InvalidDataException">The measurement or the chart lacks one of the two services.</exception>
    public static FleetSection Simulate(Fleet fleet, ShopMeasurement measured, RenderedChart chart, int seed, Prices prices) => new(
        fleet,
        [.. Sizes.Select(size =>
        {
            var readings = new FleetDemand(FleetScenarios.Readings, fleet, size);
            var scaled = Simulator.Run(FleetScenarios.Day(readings, measured, chart, seed));
            var peak = Simulator.Run(FleetScenarios.Day(readings, measured, chart, seed, service => new FixedReplicas(scaled.Service(service.AppId).MostReplicas)));
            return new FleetDay(fleet.Vehicles * size, readings, scaled, peak);
        })],
        prices);

    /// <summary>The pictures, by file name.</summary>
    public IEnumerable<(string Name, Figure Figure)> Figures() => [("fleet", DemandFigure()), ("fleet-replicas", ReplicasFigure())];

    /// <inheritdoc/>
    public override string ToString()
    {
        var rates = Rates(days[0].Readings).ToList();
        return $"""
            <section id="fleet">
            <h2>The day of a fleet</h2>
            <p>{Number(fleet.Vehicles)} vehicles, each a driver who begins between six and nine, stops for 45 minutes after four and a half hours, and parks in the evening. The dip at lunch is not drawn: it
            follows from the breaks. Between the quietest and the busiest minute lies a factor of {(rates.Max() / rates.Min()).ToString("0.0", CultureInfo.InvariantCulture)}.</p>
            {DemandFigure().ToHtml("Readings of the fleet per second over the day")}
            <h3>Replicas that {Number(days[^1].Vehicles)} such vehicles ask for</h3>
            {ReplicasFigure().ToHtml("Replicas of telemetry and fleet over the day")}
            <p>{Answer()}</p>
            <div class="scroll"><table>
            <thead><tr><th scope="col">vehicles</th><th scope="col">service</th><th scope="col">most readings a second</th><th scope="col">replicas</th><th scope="col">replica hours</th>
            <th scope="col">fixed for the peak</th><th scope="col">processor hours</th><th scope="col">{prices.Currency}</th><th scope="col">largest backlog</th><th scope="col">p99</th><th scope="col">changes</th></tr></thead>
            <tbody>{string.Concat(days.Select(Rows))}</tbody></table></div>
            </section>
            """;
    }

    private Figure DemandFigure() => new("per second", "h", [new Series("readings/s", [.. Rates(days[0].Readings).Select((rate, minute) => (minute / 60.0, rate))])]);

    private Figure ReplicasFigure() => new(
        "replicas", "h", [.. days[^1].Scaled.Services.Select(service => new Series(service.Name, [.. service.Minutes.Select(minute => (minute.At.TotalHours, minute.Wanted))]))], IsStepped: true);

    /// <summary>From which size on it scales at all.</summary>
    private string Answer()
    {
        var enough = days.LastOrDefault(day => day.Scaled.Services.All(service => service.Changes == 0));
        var scaled = days.FirstOrDefault(day => day.Scaled.Services.Any(service => service.Changes > 0));
        return (enough, scaled) switch
        {
            (_, null) => "The fewest replicas that the chart allows carry all of these fleets.",
            (null, _) => $"Already {Number(scaled.Vehicles)} vehicles ask for more than the fewest replicas that the chart allows.",
            _ => $"The fewest replicas that the chart allows carry {Number(enough.Vehicles)} vehicles; {Number(scaled.Vehicles)} ask for more by day.",
        };
    }

    private string Rows(FleetDay day) => string.Concat(day.Scaled.Services.Select(service => $"""
        <tr><th scope="row">{Number(day.Vehicles)}</th><td>{service.Name}</td><td>{Number(Rates(day.Readings).Max())}</td><td>{service.WantedPerStep.Min()} to {service.MostReplicas}</td>
        <td>{Number(service.ReplicaTime.TotalHours)}</td><td>{Number(day.Fixed.Service(service.Name).ReplicaTime.TotalHours)}</td>
        <td>{service.CpuTime.TotalHours.ToString("0.0", CultureInfo.InvariantCulture)}</td><td>{Page.Money(ShapeDay.CostOf(day.Scaled, service, prices))}</td><td>{Number(service.LargestBacklog)}</td><td>{Page.Seconds(service.P99)}</td>
        <td>{service.Changes}</td></tr>
        """));

    private static IEnumerable<double> Rates(FleetDemand readings) => Enumerable.Range(0, 24 * 60).Select(minute => readings.RateAt(TimeSpan.FromMinutes(minute)));

    private static string Number(double number) => number.ToString("N0", CultureInfo.InvariantCulture);
}

/// <summary>A fleet of one size: as the chart scales its services, and with the replicas of the peak all day long.</summary>
internal sealed record FleetDay(int Vehicles, FleetDemand Readings, SimulationResult Scaled, SimulationResult Fixed);
