using Eventide.Sidecar;
using Eventide.Sidecar.Cli.Daprd;

namespace Eventide.SystemTests.Daprd;

/// <summary>daprd's flags as values.</summary>
public sealed class DaprdFlagsTests
{
    [Fact]
    public void Without_further_flags_everything_has_daprds_default()
    {
        var options = DaprdFlags.Parse(["--app-id", "x"]).Options;

        Assert.Equal(("x", null, AppProtocol.Http, 3500, 50001, 9090, 0), (
            options.AppId, options.AppPort, options.AppProtocol, options.HttpPort, options.GrpcPort, options.MetricsPort, options.InternalGrpcPort));
        Assert.Equal((false, "/healthz", 5, 500, 3), (
            options.AppHealthCheck, options.AppHealthCheckPath, options.AppHealthProbeInterval.TotalSeconds, options.AppHealthProbeTimeout.TotalMilliseconds,
            options.AppHealthThreshold));
        Assert.Equal((4 * 1024 * 1024, 5, null, null), (options.MaxBodySize, options.GracefulShutdown.TotalSeconds, options.BlockShutdown, options.AppMaxConcurrency));
    }

    [Theory]
    [InlineData("--app-id=x", "--app-port=8080", "--enable-app-health-check")]
    [InlineData("-app-id", "x", "-app-port", "8080", "-enable-app-health-check=true")]
    public void One_dash_does_as_well_as_two_and_a_value_follows_after_a_space_or_an_equals_sign(params string[] arguments)
    {
        var options = DaprdFlags.Parse(arguments).Options;

        Assert.Equal(("x", 8080, true), (options.AppId, options.AppPort, options.AppHealthCheck));
    }

    [Fact]
    public void Folders_and_configurations_repeat_or_come_as_a_list()
    {
        var options = DaprdFlags.Parse(["--app-id", "x", "--resources-path", "a,b", "--resources-path", "c", "--config", "one.yaml", "--config", "two.yaml"]).Options;

        Assert.Equal(["a", "b", "c"], options.ResourcesPaths);
        Assert.Equal(["one.yaml", "two.yaml"], options.ConfigPaths);
    }

    [Theory]
    [InlineData("4Mi", 4 * 1024 * 1024)]
    [InlineData("8M", 8_000_000)]
    [InlineData("65536", 65536)]
    [InlineData("0", 0)]
    public void Sizes_are_in_the_notation_of_Kubernetes(string text, long bytes) =>
        Assert.Equal(bytes, DaprdFlags.Parse(["--app-id", "x", "--max-body-size", text]).Options.MaxBodySize);

    [Fact]
    public void Zero_for_a_probe_setting_means_its_default()
    {
        var options = DaprdFlags.Parse(["--app-id", "x", "--app-health-probe-interval", "0", "--app-health-threshold", "0"]).Options;

        Assert.Equal((5, 3), (options.AppHealthProbeInterval.TotalSeconds, options.AppHealthThreshold));
    }

    [Fact]
    public void What_the_dapr_CLI_passes_and_has_no_effect_here_is_accepted_and_named() =>
        Assert.Equal(
            ["--placement-host-address", "--scheduler-host-address"],
            DaprdFlags.Parse(["--app-id", "x", "--placement-host-address", "localhost:50005", "--scheduler-host-address", "localhost:50006", "--mode", "standalone"]).Ineffective);
}
