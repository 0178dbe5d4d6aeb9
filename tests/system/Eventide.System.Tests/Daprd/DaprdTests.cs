using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Daprd;

/// <summary>The executable in daprd's place: flags, log lines, exit codes, and sidecars of different processes that call each other.</summary>
public sealed class DaprdTests : IAsyncDisposable
{
    private readonly DaprdFixture _daprd = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _daprd.DisposeAsync();

    [Theory]
    [InlineData(Processes.Terminate)]
    [InlineData(Processes.Interrupt)]
    public async Task It_says_what_tools_wait_for_and_a_signal_ends_it_with_0(int signal)
    {
        var (sidecar, http) = await _daprd.StartAppAsync("one");
        using var _ = http;
        Assert.Contains("level=info msg=\"HTTP server is running on port ", sidecar.Output);
        Assert.Contains("level=info msg=\"API gRPC server is running on port ", sidecar.Output);
        Assert.Contains("level=info msg=\"Internal gRPC server is running on 127.0.0.1:", sidecar.Output);
        Assert.Matches("time=\"[^\"]+Z\" level=info msg=\"dapr initialized\\. Status: Running\\. Init Elapsed \\d+ms\" app_id=one instance=\\S+ scope=dapr\\.runtime type=log ver=", sidecar.Output);
        Assert.Equal(HttpStatusCode.NoContent, (await http.GetAsync("/v1.0/healthz", Cancel)).StatusCode);

        sidecar.Signal(signal);

        Assert.Equal(0, await sidecar.ExitAsync());
        Assert.Contains("msg=\"Daprd shutdown gracefully\"", sidecar.Output);
    }

    [Fact]
    public async Task SIGHUP_starts_the_sidecar_anew_in_the_same_process()
    {
        var (sidecar, http) = await _daprd.StartAppAsync("one");
        using var _ = http;

        sidecar.Signal(Processes.HangUp);

        await Processes.UntilAsync("a second start", () => Regex.Count(sidecar.Output, "dapr initialized\\. Status: Running") == 2);
        Assert.StartsWith("one ", await http.GetStringAsync("/v1.0/invoke/one/method/whoami", Cancel));
        sidecar.Signal(Processes.Terminate);
        Assert.Equal(0, await sidecar.ExitAsync());
    }

    [Fact]
    public async Task The_shutdown_API_ends_it_with_0()
    {
        var (sidecar, http) = await _daprd.StartAppAsync("one");
        using var _ = http;

        using var answer = await http.PostAsync("/v1.0/shutdown", null, Cancel);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(0, await sidecar.ExitAsync());
        Assert.Contains("Shutdown requested via API", sidecar.Output);
    }

    [Fact]
    public async Task Two_processes_find_each_other_and_call_and_publish()
    {
        var resources = _daprd.Write("components/pubsub.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.in-memory
              version: v1
            """);
        var (_, one) = await _daprd.StartAppAsync("one", "--resources-path", Path.GetDirectoryName(resources)!);
        var (two, other) = await _daprd.StartAppAsync("two", "--resources-path", Path.GetDirectoryName(resources)!);
        using var _1 = one;
        using var _2 = other;

        Assert.StartsWith("two ", await one.GetStringAsync("/v1.0/invoke/two/method/whoami", Cancel));
        Assert.StartsWith("one ", await other.GetStringAsync("/v1.0/invoke/one/method/whoami", Cancel));

        using var published = await other.PostAsJsonAsync("/v1.0/publish/pubsub/news", 7, Cancel);
        published.EnsureSuccessStatusCode();
        await Processes.UntilAsync(
            "the event", async () => (await one.GetFromJsonAsync<string[]>("/v1.0/invoke/two/method/received", Cancel))!.Any(e => e.Contains("\"data\":7", StringComparison.Ordinal)));

        two.Signal(Processes.Terminate);
        Assert.Equal(0, await two.ExitAsync());
        await Processes.UntilAsync("the end of the entry", async () =>
        {
            using var answer = await one.GetAsync("/v1.0/invoke/two/method/whoami", Cancel);
            return (await answer.Content.ReadAsStringAsync(Cancel)).Contains("t find service: two", StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task A_body_and_a_status_pass_from_process_to_process_unchanged()
    {
        var (_, one) = await _daprd.StartAppAsync("one");
        var (_, other) = await _daprd.StartAppAsync("two");
        using var _1 = one;
        using var _2 = other;
        using var streamed = new HttpRequestMessage(HttpMethod.Post, "/v1.0/invoke/two/method/events") { Content = new StringContent("by hand") };
        streamed.Headers.TransferEncodingChunked = true;

        using var sent = await one.SendAsync(streamed, Cancel);
        using var missing = await one.GetAsync("/v1.0/invoke/two/method/no%2Fsuch?x=1", Cancel);

        Assert.Equal(HttpStatusCode.OK, sent.StatusCode);
        Assert.Equal(["by hand"], (await other.GetFromJsonAsync<string[]>("/v1.0/invoke/two/method/received", Cancel))!);
        Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
    }

    [Fact]
    public async Task A_broker_file_that_another_process_has_open_stops_the_start_with_one_sentence()
    {
        var resources = Path.GetDirectoryName(_daprd.Write("components/pubsub.yaml", """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: pubsub
            spec:
              type: pubsub.sqlite
              version: v1
              metadata:
              - name: connectionString
                value: pubsub.db
            """))!;
        var (_, http) = await _daprd.StartAppAsync("one", "--resources-path", resources);
        using var _ = http;

        var second = _daprd.Start(
            "--app-id", "two", "--dapr-http-port", $"{_daprd.Port()}", "--dapr-grpc-port", $"{_daprd.Port()}", "--enable-metrics=false", "--resources-path", resources);

        Assert.Equal(1, await second.ExitAsync());
        Assert.Contains("level=fatal msg=\"Fatal error from runtime: ", second.Output);
        Assert.Contains("pubsub.db", second.Output);
    }

    [Theory]
    [InlineData("--app-idd x", "error: unknown flag: --app-idd. Did you mean --app-id?")]
    [InlineData("--app-port 80", "error: --app-id is missing; it names the app that this sidecar serves.")]
    [InlineData("--app-id x --app-port eighty", "error: --app-port is \"eighty\"; allowed: a port from 1 to 65535.")]
    [InlineData("--app-id x --app-protocol tcp", "error: --app-protocol is \"tcp\"; allowed: http, https, h2c, grpc, grpcs.")]
    [InlineData("--app-id x --mode kubernetes", "error: --mode kubernetes: this sidecar is for one machine; on Kubernetes use Dapr itself.")]
    [InlineData("--app-id", "error: --app-id needs a value.")]
    public async Task A_wrong_command_line_ends_with_2_and_one_sentence(string arguments, string message)
    {
        var process = _daprd.Start(arguments.Split(' '));

        Assert.Equal(2, await process.ExitAsync());
        Assert.Equal(message, process.Output.Trim());
    }

    [Fact]
    public async Task Its_version_is_what_the_API_reports()
    {
        var asked = _daprd.Start("--version");
        Assert.Equal(0, await asked.ExitAsync());

        var (_, http) = await _daprd.StartAppAsync("one");
        using var _ = http;
        var metadata = await http.GetFromJsonAsync<JsonElement>("/v1.0/metadata", Cancel);

        Assert.Equal(asked.Output.Trim(), metadata.GetProperty("runtimeVersion").GetString());
    }
}
