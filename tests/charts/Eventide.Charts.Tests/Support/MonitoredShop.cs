using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Eventide.ChildProcesses;
using Eventide.TestSupport;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Eventide.Charts.Tests.Support;

/// <summary>The whole shop as processes, with what a monitored cluster would see of it: the sidecars' metrics, and what the services export over OTLP.</summary>
internal sealed partial class MonitoredShop : IAsyncDisposable
{
    private const string Open = "The shop is open.";
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-monitored-").FullName;
    private readonly ConcurrentQueue<string> _exported = new();
    private readonly Dictionary<string, int> _metricsPorts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _appPorts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _sidecarPorts = new(StringComparer.Ordinal);
    private WebApplication? _collector;
    private ChildProcess? _runner;

    /// <summary>Starts it and waits until it is open.</summary>
    public static async Task<MonitoredShop> StartAsync()
    {
        var shop = new MonitoredShop();
        try
        {
            await shop.OpenAsync();
            return shop;
        }
        catch
        {
            await shop.DisposeAsync();
            throw;
        }
    }

    /// <summary>Where a service answers.</summary>
    public Uri App(string app) => new($"http://127.0.0.1:{_appPorts[app]}");

    /// <summary>The HTTP API of an app's sidecar.</summary>
    public Uri Sidecar(string app) => new($"http://127.0.0.1:{_sidecarPorts[app]}");

    /// <summary>What Prometheus would get from all sidecars.</summary>
    public async Task<string> ScrapeAsync() =>
        string.Join('\n', await Task.WhenAll(_metricsPorts.Values.Select(port => Http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics")))));

    /// <summary>Whether a service has exported an instrument of that name.</summary>
    public bool HasExported(string instrument) => _exported.Any(export => export.Contains(instrument, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        if (_runner is not null)
        {
            if (!_runner.HasExited)
            {
                _runner.Signal(Processes.Terminate);
                await _runner.ExitAsync();
            }

            await _runner.DisposeAsync();
        }

        if (_collector is not null)
        {
            await _collector.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private async Task OpenAsync()
    {
        var endpoint = await StartCollectorAsync();
        var file = Path.Combine(_folder, "dapr.yaml");
        await File.WriteAllTextAsync(file, RunFile(await File.ReadAllTextAsync(Repository.Path("dapr.yaml")), endpoint));
        string[] resources = ["components/brokers/embedded", "components/stores/sqlite", "components/shared"];
        _runner = new ChildProcess(
            Repository.Root,
            [
                "dotnet", Repository.Path("sidecar", "Eventide.Sidecar.Cli", "bin", "Release", "net10.0", "eventide.dll"), "run", "-f", file, "--data", _folder, "--logs", "none",
                "--hint", Open, .. resources.SelectMany(folder => new[] { "--resources", Repository.Path(folder) }),
            ],
            []);
        await Processes.UntilAsync("the shop is open", () => _runner.HasExited || _runner.Output.Contains(Open, StringComparison.Ordinal), TimeSpan.FromMinutes(2));
        Assert.True(_runner.Output.Contains(Open, StringComparison.Ordinal), _runner.Output);
    }

    /// <summary>The repository's run file from another folder, on ports of its own, with metrics.</summary>
    private string RunFile(string text, Uri collector)
    {
        var ports = new FreePorts();
        text = text.Replace(": ./", $": {Repository.Root}/", StringComparison.Ordinal).Replace("- ./", $"- {Repository.Root}/", StringComparison.Ordinal);
        text = text.Replace("  env:\n", $"  env:\n    OTEL_EXPORTER_OTLP_ENDPOINT: {collector}\n    OTEL_EXPORTER_OTLP_PROTOCOL: http/protobuf\n    OTEL_METRIC_EXPORT_INTERVAL: \"1000\"\n", StringComparison.Ordinal);
        return AppEntry().Replace(text, entry =>
        {
            var app = entry.Groups["app"].Value;
            var (appPort, http, grpc, metrics) = (_appPorts[app] = ports.Take(), _sidecarPorts[app] = ports.Take(), ports.Take(), _metricsPorts[app] = ports.Take());
            var rest = PortLine().Replace(entry.Groups["rest"].Value, "");
            return $"  - appID: {app}\n    appPort: {appPort}\n    daprHTTPPort: {http}\n    daprGRPCPort: {grpc}\n    metricsPort: {metrics}\n{rest}";
        });
    }

    private async Task<Uri> StartCollectorAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.Map("/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            if (signal == "metrics")
            {
                // Names stand in the messages as they are; nothing else of them is needed here.
                _exported.Enqueue(Encoding.Latin1.GetString(body.GetBuffer(), 0, (int)body.Length));
            }

            return Results.Ok();
        });
        await _collector.StartAsync();
        return new Uri(_collector.Urls.Single());
    }

    [GeneratedRegex(@"^  - appID: (?<app>\S+)\n(?<rest>(?:    .*\n)+)", RegexOptions.Multiline)]
    private static partial Regex AppEntry();

    [GeneratedRegex(@"^    (appPort|daprHTTPPort|daprGRPCPort|metricsPort): .*\n", RegexOptions.Multiline)]
    private static partial Regex PortLine();
}
