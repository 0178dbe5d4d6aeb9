using System.CommandLine;
using Eventide.Brokers.Servers;
using Eventide.Scaling.Local.Control;
using Eventide.Scaling.Local.Verification;
using Eventide.Tools;

var root = new RootCommand("Autoscalers at work on this machine.") { AutoscaleCommandLine.Create(), VerifyCommandLine.Create() };
var parsed = root.Parse(args);
parsed.InvocationConfiguration.EnableDefaultExceptionHandler = false;

// After a signal the shop gets back what it had; the library's own two seconds are not enough for that.
parsed.InvocationConfiguration.ProcessTerminationTimeout = TimeSpan.FromMinutes(1);
try
{
    return await parsed.InvokeAsync();
}
catch (Exception failure) when (failure is ToolException or ServerException)
{
    await Console.Error.WriteLineAsync($"error: {failure.Message}");
    return 1;
}
catch (OperationCanceledException)
{
    return 130;
}
