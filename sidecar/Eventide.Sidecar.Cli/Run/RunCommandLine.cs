using System.CommandLine;
using System.CommandLine.Parsing;

namespace Eventide.Sidecar.Cli.Run;

/// <summary>The options of `run` on the command line.</summary>
internal static class RunCommandLine
{
    /// <summary>The command with its options.</summary>
    public static Command Create()
    {
        var file = new Option<FileInfo>("--run-file", "-f") { Description = "The run file.", DefaultValueFactory = _ => new FileInfo("dapr.yaml") };
        var resources = new Option<DirectoryInfo[]>("--resources") { Description = "A component folder in place of those that the run file names (repeatable)." };
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Where relative paths of component files start; data/ in it holds state, logs and run.json. One run per folder.",
            DefaultValueFactory = _ => new DirectoryInfo("."),
        };
        var logs = new Option<string?>("--logs") { Description = "Show only the logs of these apps (comma-separated); \"none\" shows none." };
        var freePorts = new Option<bool>("--free-ports") { Description = "Take free ports in place of those in the run file; run.json names them." };
        var scale = new Option<Dictionary<string, int>>("--scale")
        {
            Description = "Start several processes of an app, such as inventory=2 (repeatable, or comma-separated).",
            CustomParser = Scale,
            DefaultValueFactory = _ => [],
        };
        var sidecar = new Option<string?>("--sidecar") { Description = "A daprd (or its folder) in place of the embedded sidecars, one process per app." };
        var duplicates = new Option<double>("--duplicates") { Description = "Deliver this share of the messages twice, such as 0.1, to try services out. With the embedded sidecars only." };
        duplicates.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1))
            {
                result.AddError("--duplicates has to be a share from 0 to 1.");
            }
        });
        var config = new Option<FileInfo?>("--config") { Description = "A Configuration file in place of those that the run file names." };
        var hint = new Option<string?>("--hint") { Description = "What to say when everything is up." };
        var run = new Command("run", "Start every app of a run file, each with its sidecar; all sidecars are in this process, unless --sidecar names a daprd.")
        {
            file, resources, data, logs, freePorts, scale, duplicates, sidecar, config, hint,
        };
        run.SetAction((parsed, token) => RunCommand.ExecuteAsync(
            new RunSettings(
                parsed.GetValue(file)!, parsed.GetValue(resources) ?? [], parsed.GetValue(data)!, parsed.GetValue(logs)?.Split(','), parsed.GetValue(freePorts),
                parsed.GetValue(scale)!, parsed.GetValue(duplicates), parsed.GetValue(sidecar), parsed.GetValue(config), parsed.GetValue(hint)),
            token));
        return run;
    }

    /// <summary>Reads APP=N, comma-separated or repeated.</summary>
    public static Dictionary<string, int> Scale(ArgumentResult result)
    {
        var scale = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var item in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (item.Split('=') is [{ Length: > 0 } app, var text] && int.TryParse(text, out var count) && count is > 0 and <= 32)
            {
                scale[app] = count;
            }
            else
            {
                result.AddError($"\"{item}\" is no scale; write it as APP=N with N from 1 to 32, such as inventory=2.");
            }
        }

        return scale;
    }
}
