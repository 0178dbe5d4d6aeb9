using System.Globalization;
using System.Net;
using Eventide.Scaling.Economics;

namespace Eventide.Scaling.Report;

/// <summary>"Services or monolith" on the page: the answer, a picture, the figures behind it.</summary>
internal sealed class EconomicsSection(ShapeComparison comparison, Prices prices)
{
    private static readonly IReadOnlyList<(double At, string Label)> Ticks = [(3, "1 k"), (4, "10 k"), (5, "100 k"), (6, "1 M"), (7, "10 M")];

    /// <summary>Cost over load, both shapes, under the curve that the page begins with.</summary>
    public Figure CostFigure() => new(
        $"{prices.Currency} a day", "orders a day",
        [
            new Series("services", [.. First.Loads.Select(load => (Math.Log10(load.Orders), load.Services.Cost))]),
            new Series("monolith", [.. First.Loads.Select(load => (Math.Log10(load.Orders), load.Monolith.Cost))]),
        ],
        IsLogarithmic: true, XTicks: Ticks);

    private CurveComparison First => comparison.Curves[0];

    /// <inheritdoc/>
    public override string ToString() => $"""
        <section id="economics">
        <h2>Services or monolith</h2>
        <p class="lead">{Text(Answer.To(comparison, prices))}</p>
        <h3>Cost of a day over its orders, under "{Text(First.Title)}"</h3>
        {CostFigure().ToHtml("Cost per day of services and monolith over orders per day")}
        <div class="scroll"><table>
        <thead><tr><th scope="col">orders a day</th><th scope="col">services, {Text(prices.Currency)}</th><th scope="col">monolith, {Text(prices.Currency)}</th><th scope="col">services cost</th>
        <th scope="col">work waits, services</th><th scope="col">monolith</th></tr></thead>
        <tbody>{string.Concat(First.Loads.Select(Row))}</tbody></table></div>
        <h3>{Number(comparison.Orders)} orders a day</h3>
        <div class="scroll"><table>
        <thead><tr><th scope="col">the day</th><th scope="col">replica hours, services</th><th scope="col">monolith</th><th scope="col">processor hours paid, services</th><th scope="col">monolith</th>
        <th scope="col">{Text(prices.Currency)}, services</th><th scope="col">monolith</th></tr></thead>
        <tbody>{string.Concat(comparison.Curves.Select(Row))}</tbody></table></div>
        <p>Measured: an order takes {Exact(comparison.CpuMsPerOrderServices)} ms of processor time in the services and {Exact(comparison.CpuMsPerOrderMonolith)} ms in the monolith, a page
        {Exact(comparison.CpuMsPerPageServices)} and {Exact(comparison.CpuMsPerPageMonolith)} ms. At the least, services hold {Number(comparison.ServicesFloor.MemoryMib)} MiB of memory, the monolith
        {Number(comparison.MonolithFloor.MemoryMib)} MiB.</p>
        <p>{Text(string.Join(' ', EconomicsCommand.Assumptions(prices)))}</p>
        </section>
        """;

    private string Row(LoadComparison load) => $"""
        <tr><th scope="row">{Number(load.Orders)}</th><td>{Cost(load.Services)}</td><td>{Cost(load.Monolith)}</td><td>{load.Ratio.ToString("0.0", CultureInfo.InvariantCulture)} times</td>
        <td>{Page.Seconds(load.Services.SlowestWait)}</td><td>{Page.Seconds(load.Monolith.SlowestWait)}</td></tr>
        """;

    private string Row(CurveComparison curve)
    {
        var (services, monolith) = (curve.At(comparison.Orders).Services, curve.At(comparison.Orders).Monolith);
        return $"""
            <tr><th scope="row">{Text(curve.Title)}</th><td>{Number(services.ReplicaSeconds / 3600)}</td><td>{Number(monolith.ReplicaSeconds / 3600)}</td><td>{Exact(services.VCpuHours)}</td>
            <td>{Exact(monolith.VCpuHours)}</td><td>{Cost(services)}</td><td>{Cost(monolith)}</td></tr>
            """;
    }

    private static string Cost(ShapeDay day) => day.Cost.ToString("N2", CultureInfo.InvariantCulture) + (day.KeepsUp ? "" : " (does not keep up)");

    private static string Exact(double number) => number.ToString("N1", CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
