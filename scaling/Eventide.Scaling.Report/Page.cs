using System.Globalization;
using System.Net;
using System.Text;
using Eventide.Scaling.Demand;
using Eventide.Scaling.Economics;
using Eventide.Scaling.Shop;
using Eventide.Scaling.Simulation;

namespace Eventide.Scaling.Report;

/// <summary>The whole page in one file: nothing is loaded from anywhere.</summary>
internal sealed class Page(
    ReportSettings settings, ShopMeasurement measured, IReadOnlyList<ScenarioReport> scenarios, EconomicsSection economics, FleetSection fleet, Prices prices)
{
    // Percent of the machine.
    private const double Tolerable = 10;

    /// <inheritdoc/>
    public override string ToString()
    {
        var html = new StringBuilder();
        html.Append($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>Eventide: what scales, when, and what it takes</title>
            <style>{Style()}</style>
            </head>
            <body>
            <main>
            <h1>What scales, when, and what it takes</h1>
            <p class="lead">{Number(settings.Orders)} orders, {Number(settings.Orders * ShopScenarios.PagesPerOrder)} pages and {Number(settings.Vehicles)} vehicles in a day, under four curves of demand. Each service has
            the autoscaler that the chart gives it. {Lead()}</p>
            """);
        html.Append(Overview());
        foreach (var scenario in scenarios)
        {
            html.Append(Section(scenario));
        }

        html.Append(economics);
        html.Append(fleet);
        html.Append(Settings());
        return html.Append("</main>\n</body>\n</html>\n").ToString();
    }

    private string Lead()
    {
        var (least, most) = (scenarios.Min(scenario => scenario.SharePercent), scenarios.Max(scenario => scenario.SharePercent));
        return $"Scaling by need takes {least:0} to {most:0} % of the replica hours that a fixed number for the peak takes.";
    }

    private string Overview()
    {
        var rows = string.Concat(scenarios.Select(scenario => $"""
            <tr><th scope="row"><a href="#{scenario.Name}">{Text(scenario.Title)}</a></th>
            <td>{Number(Peak(scenario))}</td><td>{ScenarioReport.Hours(scenario.Scaled):0}</td><td>{ScenarioReport.Hours(scenario.Fixed):0}</td><td>{scenario.SharePercent:0} %</td>
            <td>{Money(ScenarioReport.Cost(scenario.Scaled, prices))}</td><td>{Money(ScenarioReport.Cost(scenario.Fixed, prices))}</td>
            <td>{Seconds(scenario.Scaled.Services.Where(service => service.Name is not ("notification" or "operations")).Max(service => service.P99))}</td></tr>
            """));
        return $"""
            <h2>At a glance</h2>
            <div class="scroll"><table>
            <thead><tr><th scope="col">the day</th><th scope="col">most orders a minute</th><th scope="col">replica hours, scaled</th><th scope="col">fixed for the peak</th><th scope="col">share</th>
            <th scope="col">{Text(prices.Currency)}, scaled</th><th scope="col">fixed for the peak</th><th scope="col">slowest step, p99</th></tr></thead>
            <tbody>{rows}</tbody></table></div>
            """;
    }

    private string Section(ScenarioReport scenario)
    {
        var rows = string.Concat(scenario.Scaled.Services.Select(service => $"""
            <tr><th scope="row">{Text(service.Name)}</th><td>{Number(service.Items)}</td><td>{service.WantedPerStep.Min()} to {service.MostReplicas}</td><td>{service.ReplicaTime.TotalHours:0}</td>
            <td>{scenario.Fixed.Service(service.Name).ReplicaTime.TotalHours:0}</td><td>{service.CpuTime.TotalHours:0.0}</td><td>{Money(ShapeDay.CostOf(scenario.Scaled, service, prices))}</td><td>{Number(service.LargestBacklog)}</td><td>{Seconds(service.Median)}</td>
            <td>{Seconds(service.P99)}</td><td>{service.Changes}</td></tr>
            """));
        return $"""
            <section id="{scenario.Name}">
            <h2>{Text(scenario.Title)}</h2>
            <p>{Text(string.Join(' ', scenario.Curve.Notes))}</p>
            <h3>Demand</h3>
            {scenario.DemandFigure().ToHtml($"{scenario.Title}: demand over the day")}
            <h3>Replicas that the autoscalers ask for</h3>
            {scenario.ReplicasFigure().ToHtml($"{scenario.Title}: replicas of each service over the day")}
            <p>The load never asks for more than the fewest that the chart allows: {Text(string.Join("; ", scenario.Constant))}.</p>
            <h3>Time from arrival to end, the slowest of each minute</h3>
            {Waiting(scenario)}
            <h3>Backlog, the most of each minute</h3>
            {Backlog(scenario)}
            <div class="scroll"><table>
            <thead><tr><th scope="col">service</th><th scope="col">items</th><th scope="col">replicas</th><th scope="col">replica hours</th><th scope="col">fixed for the peak</th>
            <th scope="col">processor hours</th><th scope="col">{Text(prices.Currency)}</th><th scope="col">largest backlog</th><th scope="col">median</th><th scope="col">p99</th><th scope="col">changes</th></tr></thead>
            <tbody>{rows}</tbody></table></div>
            </section>
            """;
    }

    private static string Waiting(ScenarioReport scenario)
    {
        var prompt = $"takes {Seconds(scenario.LongestWithoutWaiting)} at most";
        return scenario.Waiting.Count == 0
            ? $"<p>Nothing waits all day long: every step {prompt}.</p>"
            : $"""
              {scenario.DelayFigure().ToHtml($"{scenario.Title}: delay of each service over the day")}
              <p>Every other step {prompt} all day long.</p>
              """;
    }

    private static string Backlog(ScenarioReport scenario) => scenario.Queued.Count == 0
        ? "<p>No service ever has more to do in a second than it gets done.</p>"
        : scenario.BacklogFigure().ToHtml($"{scenario.Title}: backlog of each service over the day");

    private string Settings()
    {
        var rows = string.Concat(measured.Services.Select(service => $"""
            <tr><th scope="row">{Text(service.Key)}</th><td>{service.Value.AppCpu:0.00}</td><td>{service.Value.SidecarCpu:0.00}</td><td>{service.Value.Messages.Values.Sum():0.#}</td><td>{service.Value.Memory:0}</td></tr>
            """));
        return $"""
            <section id="settings">
            <h2>What it is made of</h2>
            <p>Services were measured with <code>{Text(measured.Command)}</code> on {measured.MeasuredAt:yyyy-MM-dd} ({Text(measured.Machine)}){Others()}. Autoscalers, requests and limits come from
            <code>{Text(Path.GetRelativePath(Directory.GetCurrentDirectory(), settings.Chart))}</code>. Seed {settings.Seed}. Another replica is ready after {measured.StartSeconds:0.0} s; on a node without the image it would be later.</p>
            <p>The model is a flow, not message by message: it knows queues, prefetch, what a removed replica holds, the controllers' periods, windows and policies. It does not know slow nodes, a full
            broker, or replies that wait for each other. A service that nothing limits but the processor is as fast as on the machine that was measured.</p>
            <div class="scroll"><table>
            <thead><tr><th scope="col">service</th><th scope="col">app, ms</th><th scope="col">sidecar, ms</th><th scope="col">messages per order</th><th scope="col">memory, MiB</th></tr></thead>
            <tbody>{rows}</tbody></table></div>
            <p>Processor milliseconds per order; of catalog per page.</p>
            </section>
            """;
    }

    // Processor time stays about the same then; times do not.
    private string Others() => measured.OtherLoadPercent is > Tolerable and var others
        ? $", while others took {others.ToString("0", CultureInfo.InvariantCulture)} % of the machine, so what is said of times is too much" : "";

    private static double Peak(ScenarioReport scenario) =>
        60 * Enumerable.Range(0, 24 * 60).Max(minute => scenario.Scaled.Scenario.Demands[0].RateAt(TimeSpan.FromMinutes(minute)));

    private static string Style()
    {
        using var css = new StreamReader(typeof(Page).Assembly.GetManifestResourceStream("page.css")!);
        return css.ReadToEnd();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static string Number(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>An amount of the currency of the prices.</summary>
    public static string Money(double amount) => amount.ToString("N2", CultureInfo.InvariantCulture);

    /// <summary>A time that people read.</summary>
    public static string Seconds(TimeSpan time) => time.TotalSeconds switch
    {
        < 1 => $"{time.TotalMilliseconds:0} ms",
        < 120 => $"{time.TotalSeconds:0.0} s",
        _ => $"{time.TotalMinutes:0.0} min",
    };
}
