using System.CommandLine;
using System.Globalization;
using Eventide.Scaling.Shop;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Load.Commands;

/// <summary>The options of `load`.</summary>
internal static class LoadCommandLine
{
    public static RootCommand Create()
    {
        var data = new Option<string>("--data") { Description = "The folder that the shop was started with (make run DATA=DIR).", DefaultValueFactory = _ => Repository.Root };
        var curve = new Option<string>("--curve") { Description = "How the day goes: a file of scaling/curves (article, oberlo, salecycle), or black-friday.", DefaultValueFactory = _ => "article" };
        var from = new Option<TimeSpan?>("--from")
        {
            Description = "The time of day at which it begins, such as 17:00; by default 17:00, or 09:00 for black-friday, whose sale opens at 10:00.",
            CustomParser = result =>
            {
                if (TimeOnly.TryParseExact(result.Tokens[0].Value, ["H:mm", "HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                {
                    return time.ToTimeSpan();
                }

                result.AddError($"--from is a time of day such as 17:00, not {result.Tokens[0].Value}.");
                return null;
            },
        };
        var hours = Number("--hours", "How many simulated hours it goes on.", LoadSettings.DefaultHours, 72, mayBeZero: false);
        var speed = Number("--speed", "How many simulated seconds pass in a real one; what happens in a simulated second happens so much faster.", LoadSettings.DefaultSpeed, 10_000, mayBeZero: false);
        var orders = Number("--orders-per-day", "How many orders a simulated day has; 0 leaves the shop out.", LoadSettings.DefaultOrdersPerDay, 100_000_000);
        var pages = Number("--pages-per-order", "How many pages people look at for each order.", ShopScenarios.PagesPerOrder, 10_000);
        var vehicles = new Option<int>("--vehicles") { Description = "How many vehicles there are; 0 leaves the fleet out.", DefaultValueFactory = _ => LoadSettings.DefaultVehicles };
        vehicles.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > 100_000)
            {
                result.AddError("--vehicles is from 0 to 100,000.");
            }
        });
        var seed = new Option<int?>("--seed") { Description = "Of everything that is left to chance: the same seed intends the same. By default another one each time." };
        var output = new Option<string>("--output") { Description = "Where the result goes.", DefaultValueFactory = _ => Path.Combine(Repository.Root, "artifacts/scaling/load.json") };
        var command = new RootCommand(
            """
            Drives a running shop as its customers and vehicles would, along a curve of demand: people browse, fill baskets, buy and follow their orders; vehicles drive, rest
            and park. Nobody waits for anybody: a slow answer delays nothing and is measured from the time at which it was intended. It ends when every order has ended and
            every reading is counted, and says what was lost or late. Exit code 0 when nothing was lost, 1 when something was, 130 when it was stopped.
            """)
        {
            data, curve, from, hours, speed, orders, pages, vehicles, seed, output,
        };
        command.SetAction((result, token) => LoadCommand.ExecuteAsync(
            new LoadSettings(
                result.GetValue(data)!, result.GetValue(curve)!, result.GetValue(from), result.GetValue(hours), result.GetValue(speed), result.GetValue(orders),
                result.GetValue(pages), result.GetValue(vehicles), result.GetValue(seed) ?? Random.Shared.Next(100_000), result.GetValue(output)!),
            token));
        return command;
    }

    private static Option<double> Number(string name, string description, double usual, double most, bool mayBeZero = true)
    {
        var option = new Option<double>(name) { Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            var value = result.GetValueOrDefault<double>();
            if (!(value >= 0 && value <= most) || (value == 0 && !mayBeZero))
            {
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is from {(mayBeZero ? "0" : "above 0")} to {most:N0}."));
            }
        });
        return option;
    }
}
