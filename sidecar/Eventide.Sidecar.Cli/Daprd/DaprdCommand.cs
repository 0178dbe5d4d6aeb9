using Eventide.Sidecar.Cli.Logging;
using Eventide.Sidecar.Hosting;
using Microsoft.Extensions.Logging;

namespace Eventide.Sidecar.Cli.Daprd;

/// <summary>
/// One sidecar for one app, with daprd's flags, environment, log lines and exit codes (Dapr: cmd/daprd): 0 after a clean stop, 1 when the start failed or the
/// stop had to be forced, 2 for a wrong command line.
/// </summary>
internal static partial class DaprdCommand
{
    private static readonly TimeSpan WaitPatience = TimeSpan.FromSeconds(60);

    /// <summary>Runs until a signal or the shutdown API ends it.</summary>
    public static async Task<int> ExecuteAsync(IReadOnlyList<string> arguments)
    {
        DaprdSettings settings;
        try
        {
            settings = DaprdFlags.Parse(arguments);
        }
        catch (FlagException fault)
        {
            await Console.Error.WriteLineAsync($"error: {fault.Message}");
            return 2;
        }

        if (settings.Version || settings.BuildInfo)
        {
            Console.WriteLine(settings.BuildInfo ? $"Version: {SidecarInstance.Version}\nEdition: Eventide's embedded sidecar" : SidecarInstance.Version);
            return 0;
        }

        return settings.Wait ? await WaitAsync(settings.Options) : await ServeAsync(settings);
    }

    private static async Task<int> ServeAsync(DaprdSettings settings)
    {
        var format = new LogrusFormat(settings.Options.AppId, SidecarInstance.Version, settings.LogAsJson, TimeProvider.System);
        using var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(settings.LogLevel).AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Grpc", LogLevel.Warning).AddProvider(new LineLoggerProvider(format.Format, (_, line) => Console.WriteLine(line))));
        var log = loggers.CreateLogger("dapr.runtime");
        using var signals = new DaprdSignals(() => ForcedByUser(log));
        if (settings.Ineffective.Count > 0)
        {
            Ineffective(log, string.Join(", ", settings.Ineffective.Distinct()));
        }

        while (true)
        {
            var wanted = signals.NextAsync();
            var code = await RunOnceAsync(settings.Options, loggers, log, wanted);
            if (code != 0 || !wanted.IsCompleted || await wanted == DaprdSignal.Stop)
            {
                return code;
            }
        }
    }

    private static async Task<int> RunOnceAsync(SidecarOptions options, ILoggerFactory loggers, ILogger log, Task<DaprdSignal> wanted)
    {
        var begin = TimeProvider.System.GetTimestamp();
        Starting(log, SidecarInstance.Version, options.AppId);
        await using var host = new SidecarHost(loggers: loggers);
        try
        {
            var sidecar = await host.StartAsync(options);
            HttpRuns(log, sidecar.HttpEndpoint.Port);
            GrpcRuns(log, sidecar.GrpcEndpoint.Port);
            InternalRuns(log, sidecar.InternalEndpoint?.Authority ?? "");
            if (options.AppPort is { } port)
            {
                Waiting(log, port);
            }

            if (await Task.WhenAny(sidecar.Ready, sidecar.ShutdownRequested, wanted) == sidecar.Ready)
            {
                await sidecar.Ready;
                Initialized(log, (long)TimeProvider.System.GetElapsedTime(begin).TotalMilliseconds);
                await Task.WhenAny(sidecar.ShutdownRequested, wanted);
            }

            if (sidecar.ShutdownRequested.IsCompleted)
            {
                ShutdownByApi(log);
            }

            await BlockAsync(sidecar, log);
            var stopping = sidecar.DisposeAsync().AsTask();

            // What it does not finish within its own limit, it never will.
            if (await Task.WhenAny(stopping, Task.Delay(options.GracefulShutdown + TimeSpan.FromSeconds(1))) != stopping)
            {
                ForcedByTime(log);
                return 1;
            }

            await stopping;
            ShutDown(log);
            return 0;
        }
        catch (SidecarStartException failure)
        {
            Fatal(log, failure.Message);
            return 1;
        }
    }

    private static async Task BlockAsync(SidecarInstance sidecar, ILogger log)
    {
        if (sidecar.Options.BlockShutdown is not { } period)
        {
            return;
        }

        Blocking(log, period);
        var end = Task.Delay(period);
        while (!end.IsCompleted && sidecar.IsAppHealthy)
        {
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(100)));
        }

        if (sidecar.IsAppHealthy)
        {
            BlockExpired(log);
        }
        else
        {
            BlockEnded(log);
        }
    }

    private static async Task<int> WaitAsync(SidecarOptions options)
    {
        using var http = new HttpClient();
        var begin = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(begin) < WaitPatience)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{options.HttpPort}/v1.0/healthz/outbound"));
                if (answer.IsSuccessStatusCode)
                {
                    return 0;
                }
            }
            catch (HttpRequestException)
            {
                // Not there yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        await Console.Error.WriteLineAsync($"error: no sidecar on port {options.HttpPort} was ready within {WaitPatience.TotalSeconds} s; --dapr-http-port names another port.");
        return 1;
    }
}
