using System.CommandLine;
using Eventide.Scaling.Report;
using Spectre.Console;

var root = Directory.GetCurrentDirectory();
var measurement = new Option<FileInfo>("--measurement") { Description = "What the services take; `make measure` writes one.", DefaultValueFactory = _ => new FileInfo(Path.Combine(root, "scaling/measurements/shop.json")), Recursive = true };
var chart = new Option<FileInfo>("--chart") { Description = "A render of the Helm chart: how the services scale.", DefaultValueFactory = _ => new FileInfo(Path.Combine(root, ReportSettings.DefaultChart)), Recursive = true };
var curves = new Option<DirectoryInfo>("--curves") { Description = "The demand curves.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(root, "scaling/curves")), Recursive = true };
var orders = new Option<double>("--orders") { Description = "Orders per day.", DefaultValueFactory = _ => 1_000_000, Recursive = true };
var vehicles = new Option<int>("--vehicles") { Description = "Vehicles of the fleet.", DefaultValueFactory = _ => 10_000 };
var seed = new Option<int>("--seed") { Description = "Of the random arrivals; the same seed gives the same result.", DefaultValueFactory = _ => 1, Recursive = true };
var prices = new Option<FileInfo>("--prices") { Description = "What capacity costs.", DefaultValueFactory = _ => new FileInfo(Path.Combine(root, EconomicsSettings.DefaultPrices)), Recursive = true };
var vCpuHour = new Option<double?>("--vcpu-hour") { Description = "The price of a processor for an hour, in place of that of the file.", Recursive = true };
var gibHour = new Option<double?>("--gib-hour") { Description = "The price of a GiB of memory for an hour, in place of that of the file.", Recursive = true };
var output = new Option<DirectoryInfo>("--output") { Description = "Where the results go.", DefaultValueFactory = _ => new DirectoryInfo(Path.Combine(root, "artifacts/scaling")), Recursive = true };
orders.Validators.Add(result =>
{
    if (result.GetValueOrDefault<double>() is not (> 0 and <= 1e9))
    {
        result.AddError("--orders has to be more than 0, and at most 1,000,000,000.");
    }
});
var economics = new Command("economics", "Compares the shop as services with the shop as one process: processor time, memory, replicas and cost, and from which load on services pay.");
var command = new RootCommand("Simulates days of the shop under several demand curves, with the autoscalers of the chart, and writes one page about them.")
{
    measurement, chart, curves, orders, vehicles, seed, prices, vCpuHour, gibHour, output, economics,
};
command.SetAction(parsed => Run(() => AnsiConsole.WriteLine($"The page: {ScalingReport.Simulate(Settings(parsed), Economics(parsed), AnsiConsole.WriteLine).Write()}")));
economics.SetAction(parsed => Run(() => AnsiConsole.WriteLine($"All of it: {EconomicsCommand.Execute(Settings(parsed), Economics(parsed), AnsiConsole.Console)}")));
return command.Parse(args).Invoke();

ReportSettings Settings(ParseResult parsed) => new(
    parsed.GetValue(measurement)!.FullName, parsed.GetValue(chart)!.FullName, parsed.GetValue(curves)!.FullName, parsed.GetValue(orders), parsed.GetValue(vehicles),
    parsed.GetValue(seed), parsed.GetValue(output)!.FullName);

EconomicsSettings Economics(ParseResult parsed) => new(parsed.GetValue(prices)!.FullName, parsed.GetValue(vCpuHour), parsed.GetValue(gibHour));

static int Run(Action action)
{
    try
    {
        action();
        return 0;
    }
    catch (Exception wrong) when (wrong is InvalidDataException or IOException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"error: {wrong.Message}");
        return 1;
    }
}
