using System.CommandLine;
using Eventide.Tools.Shops;

namespace Eventide.Scaling.Local.Verification;

/// <summary>The options of `verify` on the command line.</summary>
internal static class VerifyCommandLine
{
    /// <summary>The command.</summary>
    public static Command Create()
    {
        var speed = new Option<double>("--speed") { Description = "How many times as fast the controllers' clock runs; 40 of its minutes are driven. Lower, and a busy machine has less to do in a second.", DefaultValueFactory = _ => 10 };
        speed.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 1 and <= 30))
            {
                result.AddError("--speed is from 1 to 30: a process takes a second or two to start, which would be the whole length of the rush if it were faster.");
            }
        });
        var maximum = new Option<int>("--max") { Description = "The most processes of an app, in both.", DefaultValueFactory = _ => 4 };
        maximum.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is not (>= 2 and <= 16))
            {
                result.AddError("--max is from 2 to 16.");
            }
        });
        var output = new Option<string>("--output") { Description = "Where verify.json and verify.png go.", DefaultValueFactory = _ => Path.Combine(Repository.Root, "artifacts/scaling") };
        var command = new Command(
            "verify",
            "Run the same scenario in the simulator and in a real shop on this machine, each with the chart's autoscalers, and compare their replicas. Exit code 1 when they disagree.")
        {
            speed, maximum, output,
        };
        command.SetAction((parsed, token) => VerifyCommand.ExecuteAsync(parsed.GetValue(speed), parsed.GetValue(maximum), parsed.GetValue(output)!, token));
        return command;
    }
}
