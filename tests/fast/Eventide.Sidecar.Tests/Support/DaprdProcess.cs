using System.Globalization;
using Eventide.ChildProcesses;

namespace Eventide.Sidecar.Tests.Support;

/// <summary>A sidecar that is a process of its own, started with daprd's flags; SIGTERM stops it.</summary>
internal sealed class DaprdProcess : ISidecarUnderTest
{
    private static readonly FreePorts FreePorts = new();
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private readonly ChildProcess _process;
    private readonly CancellationTokenSource _stopping = new();
    private bool _isStopped;

    private DaprdProcess(string executable, SidecarOptions options, IReadOnlyList<string> controlPlane)
    {
        HttpEndpoint = new Uri($"http://127.0.0.1:{(options.HttpPort is 0 ? FreePort() : options.HttpPort)}");
        GrpcEndpoint = new Uri($"http://127.0.0.1:{(options.GrpcPort is 0 ? FreePort() : options.GrpcPort)}");
        MetricsEndpoint = new Uri($"http://127.0.0.1:{FreePort()}");
        _process = new ChildProcess(options.WorkingDirectory, [
            executable, $"--dapr-http-port={HttpEndpoint.Port}", $"--dapr-grpc-port={GrpcEndpoint.Port}",
            $"--metrics-port={MetricsEndpoint.Port}", .. Flags(options), .. controlPlane], Variables(options));
        Ready = UntilAnswersAsync("/v1.0/healthz", _stopping.Token);
        ShutdownRequested = _process.WaitForExitAsync(_stopping.Token);
    }

    public Uri HttpEndpoint { get; }

    public Uri GrpcEndpoint { get; }

    public Uri? MetricsEndpoint { get; }

    public Task Ready { get; }

    public Task ShutdownRequested { get; }

    /// <summary>Returns when its API listens; fails with its output when it ends before.</summary>
    public static async Task<DaprdProcess> StartAsync(
        string executable, SidecarOptions options, IReadOnlyList<string> controlPlane, CancellationToken cancellationToken)
    {
        var sidecar = new DaprdProcess(executable, options, controlPlane);
        try
        {
            await sidecar.UntilAnswersAsync("/v1.0/healthz/outbound", cancellationToken);
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        lock (FreePorts)
        {
            return FreePorts.Take();
        }
    }

    /// <summary>Ends it with SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Signal(Processes.Kill);
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_isStopped)
        {
            return;
        }

        _isStopped = true;
        await _stopping.CancelAsync();
        try
        {
            if (!_process.HasExited)
            {
                _process.Signal(Processes.Terminate);
                await _process.WaitForExitAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
            }
        }
        finally
        {
            await _process.DisposeAsync();
        }
    }

    private static IEnumerable<string> Flags(SidecarOptions options)
    {
        yield return $"--app-id={options.AppId}";
        yield return $"--app-protocol={options.AppProtocol.ToString().ToLowerInvariant()}";
        yield return $"--dapr-internal-grpc-port={FreePort()}";
        yield return "--dapr-listen-addresses=127.0.0.1";
        yield return $"--max-body-size={options.MaxBodySize}";
        yield return string.Create(CultureInfo.InvariantCulture, $"--dapr-graceful-shutdown-seconds={Math.Ceiling(options.GracefulShutdown.TotalSeconds)}");
        if (options.AppPort is { } port)
        {
            yield return $"--app-port={port}";
        }

        foreach (var folder in options.ResourcesPaths)
        {
            yield return $"--resources-path={folder}";
        }

        foreach (var file in options.ConfigPaths)
        {
            yield return $"--config={file}";
        }
    }

    private static Dictionary<string, string> Variables(SidecarOptions options)
    {
        var variables = new Dictionary<string, string>(options.EnvironmentVariables ?? new Dictionary<string, string>()) { ["DAPR_HOST_IP"] = "127.0.0.1" };
        if (options.ApiToken is { } token)
        {
            variables["DAPR_API_TOKEN"] = token;
        }

        if (options.AppApiToken is { } appToken)
        {
            variables["APP_API_TOKEN"] = appToken;
        }

        return variables;
    }

    private async Task UntilAnswersAsync(string path, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = HttpEndpoint };
        while (true)
        {
            Assert.False(_process.HasExited, _process.Output);
            try
            {
                using var answer = await http.GetAsync(path, cancellationToken);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // It does not listen yet.
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }
}
