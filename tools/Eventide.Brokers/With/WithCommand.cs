using System.Runtime.InteropServices;
using Eventide.Brokers.Backing;
using Eventide.Brokers.Servers;
using Eventide.ChildProcesses;

namespace Eventide.Brokers.With;

/// <summary>
/// `with`: runs a command beside the broker and the store that it needs. A server of ours that ends is started again over its data. The exit code is the
/// command's; 1 when a server cannot be had.
/// </summary>
internal static class WithCommand
{
    /// <summary>An argument of the command in whose place come the component folders, each after <c>--resources</c>.</summary>
    public const string ResourcesPlace = "{resources}";

    private static readonly PosixSignal[] Forwarded = [PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP, PosixSignal.SIGQUIT];

    public static async Task<int> ExecuteAsync(BackingSettings settings, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CommandProcess? running = null;
        void OnSignal(PosixSignalContext signal)
        {
            // The command decides when it ends, and it may want to hear a second one.
            signal.Cancel = true;
            if (Volatile.Read(ref running) is { } process)
            {
                process.Forward(signal.Signal);
            }
            else
            {
                stop.Cancel();
            }
        }

        var registrations = Forwarded.Select(signal => PosixSignalRegistration.Create(signal, OnSignal)).ToList();
        try
        {
            await using var backing = await BackingServices.StartAsync(settings, Environment.GetEnvironmentVariable, Console.WriteLine, stop.Token);
            await using var process = CommandProcess.Start(
                [.. command.SelectMany(argument => argument == ResourcesPlace ? backing.Resources.SelectMany(folder => new[] { "--resources", folder }) : [argument])]);
            Volatile.Write(ref running, process);
            if (stop.IsCancellationRequested)
            {
                process.Forward(PosixSignal.SIGTERM);
            }

            using var ended = new CancellationTokenSource();
            var keeping = Task.WhenAll(Servers(backing).Select(server => KeepAsync(server, ended.Token)));
            var code = await process.ExitAsync();
            await ended.CancelAsync();
            await keeping;
            return code;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
        catch (Exception failure) when (failure is ServerException or ProcessStartException)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message.TrimEnd('.')}.");
            return 1;
        }
        finally
        {
            registrations.ForEach(registration => registration.Dispose());
        }
    }

    private static IEnumerable<ServerProcess> Servers(BackingServices backing) =>
        new[] { backing.Broker, backing.Store }.Select(server => server?.Own).OfType<ServerProcess>();

    private static async Task KeepAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await server.Ended!.WaitAsync(cancellationToken);
                Console.WriteLine($"{server.Name} has ended; starting it again over its data. Its output is in {server.Log}.");
                await server.StartAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The command has ended.
        }
        catch (ServerException failure)
        {
            await Console.Error.WriteLineAsync($"error: {failure.Message}");
        }
    }
}
