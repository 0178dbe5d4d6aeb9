using System.CommandLine;
using Eventide.Scaling.Report;
using Spectre.Console;

var root = Directory.GetCurrentDirectory();
var measurement = new Option<FileInfo>("--measurement") { Description = "What the services take; `make measure` writes one.", DefaultValueFactory = _ => new FileInfo(Path.Combine(root, "scaling/measurements/shop.json")) };
var chart = new Option<FileInfo>("--chart") { Description = "A render of the Helm chart: how the services scale.", DefaultValueFactory = _ => new FileInfo(Path.Combine(root, ReportSettings.DefaultChart)) };
var curves = new Option<DirectoryInfo>("--curves") { Description = "The demand curves.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(root, "scaling/curves")) };
var orders = new Option<double>("--orders") { Description = "Orders per day.", DefaultValueFactory = _ => 1_000_000 };
var vehicles = new Option<int>("--vehicles") { Description = "Vehicles of the fleet.", DefaultValueFactory = _ => 10_000 };
var seed = new Option<int>("--seed") { Description = "Of the random arrivals; the same seed gives the same page.", DefaultValueFactory = _ => 1 };
var output = new Option<DirectoryInfo>("--output") { Description = "Where index.html and the pictures go.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(root, "artifacts/scaling")) };
var command = new RootCommand("Simulates days of the shop under several demand curves, with the autoscalers of the chart, and writes one page about them.")
{
    measurement, chart, curves, orders, vehicles, seed, output,
};
command.SetAction(parsed =>
{
    try
    {
        var settings = new ReportSettings(
            parsed.GetValue(measurement)!.FullName, parsed.GetValue(chart)!.FullName, parsed.GetValue(curves)!.FullName, parsed.GetValue(orders), parsed.GetValue(vehicles),
            parsed.GetValue(seed), parsed.GetValue(output)!.FullName);
        var report = ScalingReport.Simulate(settings, AnsiConsole.WriteLine);
        AnsiConsole.WriteLine($"The page: {report.Write()}");
        return 0;
    }
    catch (Exception wrong) when (wrong is InvalidDataException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"error: {wrong.Message}");
        return 1;
    }
});
return command.Parse(args).Invoke();
