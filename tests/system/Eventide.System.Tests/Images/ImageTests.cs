using System.Net;
using System.Text.Json.Nodes;
using Eventide.SystemTests.Daprd;
using Eventide.SystemTests.Support;

namespace Eventide.SystemTests.Images;

/// <summary>The image of a service as `make images` builds it, on a base that is made here, and what becomes of it under the chart's restrictions.</summary>
public sealed class ImageTests
{
    private const string User = "1654";
    private const string Version = "7.8.9";

    [Fact]
    public async Task An_image_runs_as_nobody_on_a_read_only_root_answers_its_probes_and_stops_when_told()
    {
        Assert.SkipWhen(ContainerTools.Missing is not null, ContainerTools.Missing ?? "");
        await using var tools = new ContainerTools();
        var image = await BuildAsync(tools, "shipping");

        var settings = JsonNode.Parse(await tools.PodmanAsync("image", "inspect", image))![0]!["Config"]!;
        Assert.Equal(User, settings["User"]!.GetValue<string>());
        Assert.Equal(["dotnet", "/app/Eventide.Shipping.dll"], settings["Entrypoint"]!.AsArray().Select(part => part!.GetValue<string>()));
        Assert.Equal(Version, settings["Labels"]!["org.opencontainers.image.version"]!.GetValue<string>());

        await using var dapr = new DaprdFixture();
        var (port, http, grpc) = (dapr.Port(), dapr.Port(), dapr.Port());
        var container = await tools.StartAsync(
            image, ("ASPNETCORE_HTTP_PORTS", $"{port}"), ("DAPR_HTTP_PORT", $"{http}"), ("DAPR_GRPC_PORT", $"{grpc}"), ("DOTNET_EnableDiagnostics", "0"));
        using var probes = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        // Alive as soon as it runs; ready when its store answers, which is behind the sidecar.
        await BecomesAsync(probes, "/livez", HttpStatusCode.OK);
        await BecomesAsync(probes, "/healthz", HttpStatusCode.ServiceUnavailable);
        dapr.Start(
            "--app-id", "shipping", "--app-port", $"{port}", "--dapr-http-port", $"{http}", "--dapr-grpc-port", $"{grpc}", "--metrics-port", $"{dapr.Port()}",
            "--resources-path", Path.Combine(Repository.Root, "components/brokers/embedded"), "--resources-path", Path.Combine(Repository.Root, "components/stores/sqlite"));
        await BecomesAsync(probes, "/healthz", HttpStatusCode.OK);

        var process = int.Parse(await tools.PodmanAsync("inspect", "--format", "{{.State.Pid}}", container));
        var status = await File.ReadAllLinesAsync($"/proc/{process}/status", TestContext.Current.CancellationToken);
        Assert.Contains($"Uid:\t{User}\t{User}\t{User}\t{User}", status);
        Assert.Contains("CapEff:\t0000000000000000", status);
        var root = (await File.ReadAllLinesAsync($"/proc/{process}/mountinfo", TestContext.Current.CancellationToken)).Select(line => line.Split(' ')).Single(mount => mount[4] == "/");
        Assert.StartsWith("ro,", root[5]);

        await tools.PodmanAsync("kill", "--signal", "TERM", container);
        Assert.Equal("0", await tools.PodmanAsync("wait", container));
        Assert.Contains("Application is shutting down", await tools.PodmanAsync("logs", container));
    }

    [Theory]
    [InlineData("There is no service paymnt; there are ", "SERVICES", "paymnt")]
    [InlineData("TAG=latest means another image every day; name a version.", "TAG", "latest")]
    public async Task A_wrong_wish_is_refused_in_one_sentence(string expected, string name, string value)
    {
        var failure = await Record.ExceptionAsync(() => ContainerTools.RunAsync(
            ["bash", Script, "--no-build"], ("REGISTRY", "localhost:1"), ("SERVICES", "payment"), (name, value)));
        Assert.Contains($"error: {expected}", failure?.Message);
    }

    private static string Script => Path.Combine(Repository.Root, "eng", "images.sh");

    private static async Task<string> BuildAsync(ContainerTools tools, string service)
    {
        var files = Path.Combine(tools.Folder, "base");
        await ContainerTools.RunAsync(["bash", Path.Combine(Repository.Root, "tests/system/Eventide.System.Tests/Images/base-image.sh"), files]);
        var empty = await tools.BuildahAsync("from", "scratch");
        await tools.BuildahAsync("copy", "--quiet", empty, files, "/");
        await tools.BuildahAsync("config", "--env", "PATH=/usr/bin", "--env", "DOTNET_ROOT=/usr/share/dotnet", empty);
        await tools.BuildahAsync("commit", "--quiet", empty, "base");
        await tools.BuildahAsync("push", "--quiet", "--tls-verify=false", "base", $"docker://{tools.Registry}/base:1");

        await ContainerTools.RunAsync(
            ["bash", Script, "--no-build"], ("SERVICES", service), ("TAG", Version), ("REGISTRY", tools.Registry), ("BASE_IMAGE", $"{tools.Registry}/base:1"));
        var image = $"{tools.Registry}/eventide/{service}:{Version}";
        await tools.PodmanAsync("pull", "--quiet", "--tls-verify=false", image);
        return image;
    }

    private static Task BecomesAsync(HttpClient probes, string path, HttpStatusCode expected)
    {
        HttpStatusCode? answer = null;
        return Processes.UntilAsync($"{expected} from {path}", async () =>
        {
            try
            {
                using var response = await probes.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
                answer = response.StatusCode;
            }
            catch (HttpRequestException)
            {
                answer = null;
            }

            return answer == expected;
        });
    }
}
