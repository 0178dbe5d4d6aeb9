using System.CommandLine;
using Eventide.Sidecar.Cli.Run;

return await new RootCommand("Eventide's embedded, Dapr-compatible sidecar.") { RunCommandLine.Create() }.Parse(args).InvokeAsync();
