using Eventide.Scaling.Load.Commands;
using Eventide.Tools;

var parsed = LoadCommandLine.Create().Parse(args);
parsed.InvocationConfiguration.EnableDefaultExceptionHandler = false;

// After Ctrl-C there is a summary to write.
parsed.InvocationConfiguration.ProcessTerminationTimeout = TimeSpan.FromSeconds(30);
try
{
    return await parsed.InvokeAsync();
}
catch (Exception failure) when (failure is ToolException or InvalidDataException or IOException or UnauthorizedAccessException or ArgumentException)
{
    await Console.Error.WriteLineAsync($"error: {failure.Message}");
    return 1;
}
