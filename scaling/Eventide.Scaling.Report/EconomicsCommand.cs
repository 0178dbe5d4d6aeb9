using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Eventide.Scaling.Economics;
using Eventide.Scaling.Shop;
using Spectre.Console;

namespace Eventide.Scaling.Report;

/// <summary>`economics`: what each shape takes and costs under every curve, on the console and as JSON.</summary>
internal static class EconomicsCommand
{
    /// <summary>What everything rests on, in words.</summary>
    public static IReadOnlyList<string> Assumptions(Prices prices) =>
    [
        $"Prices: {prices.Source}. Fargate itself rounds a pod up to at least 0.25 vCPU and 0.5 GB, which is left out.",
        $"What is paid for is what replicas request, or what they use divided by {(prices.UsablePercent / 100).ToString("0.##", CultureInfo.InvariantCulture)}, whichever is more, minute by minute, and their measured memory.",
        "Services scale as the chart says. The monolith scales as one, by the processor target and the behaviour of the catalog; its pod requests what the largest service does. The chart's upper limits are lifted for both.",
        "How long work waits is the 99th percentile of the slowest service, in steps of five seconds; what it then takes is not in it.",
        $"An order comes with {ShopScenarios.PagesPerOrder:0} pages. Broker, store, Dapr's control plane and people cost the same in both shapes here, and are left out; the sidecars are the embedded one's.",
    ];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Converters = { new JsonStringEnumConverter() } };

    /// <summary>Simulates and writes; answers where the JSON is.</summary>
    /// <exception cref="InvalidDataException">An input is missing or wrong; the message names the file.</exception>
    public static string Execute(ReportSettings settings, EconomicsSettings economics, IAnsiConsole console)
    {
        var prices = economics.Read();
        var comparison = Compare(settings, prices);
        foreach (var curve in comparison.Curves)
        {
            console.Write(Loads(curve, prices));
        }

        console.Write(Shapes(comparison));
        console.WriteLine(Answer.To(comparison, prices));
        foreach (var assumption in Assumptions(prices))
        {
            console.MarkupLineInterpolated($"[grey]{assumption}[/]");
        }

        Directory.CreateDirectory(settings.Output);
        var file = Path.Combine(settings.Output, "economics.json");
        File.WriteAllText(
            file, JsonSerializer.Serialize(new { answer = Answer.To(comparison, prices), prices, assumptions = Assumptions(prices), settings.Seed, comparison }, Json) + Environment.NewLine);
        return file;
    }

    /// <summary>The comparison that command and page show.</summary>
    public static ShapeComparison Compare(ReportSettings settings, Prices prices) => ShapeComparison.Simulate(
        ShopDay.Read(settings.Curves), settings.Orders, settings.ReadMeasurement(), settings.ReadChart(), prices, settings.Seed, settings.Loads);

    private static Table Loads(CurveComparison curve, Prices prices)
    {
        var table = Columns(new Table().Title(Markup.Escape($"{curve.Name}: {curve.Title}")), "orders a day", $"services, {prices.Currency} a day", $"monolith, {prices.Currency} a day", "services cost", "waits, services", "waits, monolith");
        foreach (var load in curve.Loads)
        {
            table.AddRow(
                Number(load.Orders, "N0"), Cost(load.Services), Cost(load.Monolith), $"{Number(load.Ratio, "0.0")} times",
                Page.Seconds(load.Services.SlowestWait), Page.Seconds(load.Monolith.SlowestWait));
        }

        return table;
    }

    private static Table Shapes(ShapeComparison comparison)
    {
        var table = Columns(new Table().Title($"at {Number(comparison.Orders, "N0")} orders a day"), "", "services", "monolith");
        table.AddRow("CPU-ms of an order", Number(comparison.CpuMsPerOrderServices, "0.0"), Number(comparison.CpuMsPerOrderMonolith, "0.0"));
        table.AddRow("CPU-ms of a page", Number(comparison.CpuMsPerPageServices, "0.00"), Number(comparison.CpuMsPerPageMonolith, "0.00"));
        table.AddRow("memory floor, MiB", Number(comparison.ServicesFloor.MemoryMib, "N0"), Number(comparison.MonolithFloor.MemoryMib, "N0"));
        table.AddRow("replicas at the least", $"{comparison.ServicesFloor.Replicas}", $"{comparison.MonolithFloor.Replicas}");
        foreach (var curve in comparison.Curves)
        {
            var load = curve.At(comparison.Orders);
            table.AddRow($"replica-seconds, {curve.Name}", Number(load.Services.ReplicaSeconds, "N0"), Number(load.Monolith.ReplicaSeconds, "N0"));
        }

        return table;
    }

    private static Table Columns(Table table, string first, params string[] numbers)
    {
        table.AddColumn(first);
        foreach (var column in numbers)
        {
            table.AddColumn(new TableColumn(Markup.Escape(column)).RightAligned());
        }

        return table;
    }

    private static string Cost(ShapeDay day) => Number(day.Cost, "N2") + (day.KeepsUp ? "" : " (does not keep up)");

    private static string Number(double number, string format) => number.ToString(format, CultureInfo.InvariantCulture);
}
