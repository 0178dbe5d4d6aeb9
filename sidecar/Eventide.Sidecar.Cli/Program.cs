using System.CommandLine;
using Eventide.Sidecar.Cli.Run;

var file = new Option<FileInfo>("--run-file", "-f") { Description = "The run file.", DefaultValueFactory = _ => new FileInfo("dapr.yaml") };
var resources = new Option<DirectoryInfo?>("--resources") { Description = "A component folder in place of the one that the run file names." };
var data = new Option<DirectoryInfo>("--data")
{
    Description = "Where relative paths of component files start, and where logs go.", DefaultValueFactory = _ => new DirectoryInfo("."),
};
var logs = new Option<string?>("--logs") { Description = "Show only the logs of these apps (comma-separated); \"none\" shows none." };
var freePorts = new Option<bool>("--free-ports") { Description = "Take free ports in place of those in the run file; they are in <data>/data/run.json." };
var run = new Command("run", "Start every app of a run file, each with its sidecar, all sidecars in this process.") { file, resources, data, logs, freePorts };
run.SetAction((parsed, token) => RunCommand.ExecuteAsync(
    new RunSettings(
        parsed.GetValue(file)!, parsed.GetValue(resources), parsed.GetValue(data)!, parsed.GetValue(logs)?.Split(','), parsed.GetValue(freePorts)), token));

// The command handles signals itself: by default it would be cut off two seconds after the first one, with apps left running.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = null };
return await new RootCommand("Eventide's embedded, Dapr-compatible sidecar.") { run }.Parse(args).InvokeAsync(invocation);
