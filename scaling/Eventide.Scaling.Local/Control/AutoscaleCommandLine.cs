using System.CommandLine;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Control;

/// <summary>The options of `autoscale` on the command line.</summary>
internal static class AutoscaleCommandLine
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var data = new Option<string>("--data") { Description = "The folder that the shop was started with (make run DATA=DIR).", DefaultValueFactory = _ => Repository.Root };
        var speed = new Option<double>("--speed")
        {
            Description = "How many times as fast the controllers' clock runs: at 60 they look four times a second, and a stabilisation window of five minutes is over in five seconds.",
            DefaultValueFactory = _ => 1,
        };
        speed.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 1 and <= 240))
            {
                result.AddError("--speed is from 1 to 240: faster, and the broker would be asked more often than a shop on one machine can bear.");
            }
        });
        var minimum = new Option<int>("--min") { Description = "The most processes that an app gets as its minimum, whatever the chart says; at least 1.", DefaultValueFactory = _ => 1 };
        var maximum = new Option<int>("--max") { Description = "The most processes that an app gets, whatever the chart says.", DefaultValueFactory = _ => 4 };
        foreach (var count in new[] { minimum, maximum })
        {
            count.Validators.Add(result =>
            {
                if (result.GetValueOrDefault<int>() is not (>= 1 and <= 32))
                {
                    result.AddError($"{count.Name} is from 1 to 32.");
                }
            });
        }

        var only = new Option<string?>("--only") { Description = "Scale only these apps (comma-separated)." };
        var chart = new Option<string?>("--chart") { Description = "A render of the Helm chart; by default the committed one for KEDA whose triggers fit the shop's broker." };
        var output = new Option<string>("--output") { Description = "Where the timeline goes.", DefaultValueFactory = _ => Path.Combine(Repository.Root, "artifacts/scaling/autoscale.json") };
        var begin = new Option<TimeOnly?>("--begin") { Description = "The time of day (UTC) at which the controllers' clock begins, such as 17:00, for a chart with replicas by the clock; by default it is now." };
        var minutes = new Option<double?>("--minutes") { Description = "Stop after so many minutes of the controllers' clock; by default Ctrl-C stops it." };
        var command = new Command(
            "autoscale",
            """
            Let the chart's autoscalers (HPA and KEDA, the simulator's own code) scale the processes of the shop that runs, by the real backlog of its broker and the real
            processor usage of its processes. Ctrl-C gives every app as many processes as it had before.
            """)
        {
            data, speed, minimum, maximum, only, chart, output, begin, minutes,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(minimum) > result.GetValue(maximum))
            {
                result.AddError("--min is larger than --max.");
            }
        });
        command.SetAction((parsed, token) => AutoscaleCommand.ExecuteAsync(
            new AutoscaleSettings(
                parsed.GetValue(data)!, parsed.GetValue(speed), new LocalLimits(parsed.GetValue(minimum), parsed.GetValue(maximum)), parsed.GetValue(only)?.Split(',') ?? [],
                parsed.GetValue(chart), parsed.GetValue(output)!, parsed.GetValue(begin), parsed.GetValue(minutes) is { } length ? TimeSpan.FromMinutes(length) : null),
            token));
        return command;
    }
}
