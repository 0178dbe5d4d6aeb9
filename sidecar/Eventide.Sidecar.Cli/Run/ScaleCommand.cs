using System.CommandLine;
using System.Text.Json;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>`scale`: changes the number of processes of apps while their run goes on. Exit code 1, and a sentence, when that cannot be.</summary>
internal static class ScaleCommand
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var scale = new Argument<Dictionary<string, int>>("APP=N")
        {
            Description = "How many processes, such as inventory=4 (repeatable, or comma-separated).",
            CustomParser = RunCommandLine.Scale,
            Arity = ArgumentArity.OneOrMore,
        };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that `run` was started with.", DefaultValueFactory = _ => new DirectoryInfo(".") };
        var command = new Command(
            "scale", "Change the number of processes of an app while the run goes on; returns when new ones are healthy and others have ended what they had in hand.")
        {
            scale, data,
        };
        command.SetAction((parsed, token) => ExecuteAsync(parsed.GetValue(data)!, parsed.GetValue(scale)!, token));
        return command;
    }

    private static async Task<int> ExecuteAsync(DirectoryInfo data, Dictionary<string, int> scale, CancellationToken cancellationToken)
    {
        try
        {
            await using var file = File.OpenRead(Path.Combine(data.FullName, "data", "run.json"));
            var state = await JsonSerializer.DeserializeAsync(file, RunStateJson.Default.RunState, cancellationToken);
            var answer = await ControlServer.AskAsync(state!.Control, new ControlRequest(scale), cancellationToken);
            if (answer.Error is { } error)
            {
                await Console.Error.WriteLineAsync($"error: {error}");
                return 1;
            }
        }
        catch (IOException)
        {
            await Console.Error.WriteLineAsync($"error: No run is open in {data.FullName}; start one there, or name its folder with --data (make scale DATA=DIR).");
            return 1;
        }

        foreach (var (appId, count) in scale)
        {
            Console.WriteLine($"{appId} has {count} {(count == 1 ? "process" : "processes")}.");
        }

        return 0;
    }
}
