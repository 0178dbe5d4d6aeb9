using System.CommandLine;
using Eventide.Sidecar.Cli.Daprd;
using Eventide.Sidecar.Cli.Run;

// Named like a flag of daprd's: this is to be one sidecar. Everything else is a command.
if (args is [['-', ..] first, ..] && first is not ("-h" or "--help" or "-?"))
{
    return await DaprdCommand.ExecuteAsync(args);
}

var root = new RootCommand(
    $"""
    Eventide's embedded, Dapr-compatible sidecar.

    eventide --app-id ID [flags] is one sidecar for one app, as daprd is:
    {string.Join('\n', DaprdFlags.All.Where(flag => flag.Help.Length > 0).Select(flag => $"  --{flag.Name,-32} {flag.Help}"))}
    """)
{
    RunCommandLine.Create(),
    ScaleCommand.Create(),
};
var parsed = root.Parse(args.Length == 0 ? ["--help"] : args);

// The library would end the process two seconds after a signal; `run` handles signals itself, and a clean stop may take longer.
parsed.InvocationConfiguration.ProcessTerminationTimeout = null;
return await parsed.InvokeAsync();
