using Eventide.Sidecar.Configuration;
using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Tests.Configuration;

/// <summary>The files of --config.</summary>
public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("eventide-config-").FullName;

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_file_everything_has_its_default()
    {
        var configuration = ConfigurationLoader.Load(new SidecarOptions { AppId = "shop" });

        Assert.Equal(new TracingSettings(), configuration.Tracing);
        Assert.Equal(new WorkflowSettings(), configuration.Workflow);
        Assert.True(configuration.MetricsEnabled);
        Assert.Null(configuration.NameResolution);
        Assert.Empty(configuration.AllowedApis);
        Assert.Empty(configuration.DeniedApis);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void Every_served_field_is_read()
    {
        var configuration = Load("""
            tracing:
              samplingRate: "0.25"
              otel:
                endpointAddress: collector:4317
                isSecure: false
                protocol: grpc
                headers:
                - name: key
                  value: secret
                timeout: 3s
            metrics:
              enabled: false
            api:
              allowed:
              - name: state
                version: v1.0
                protocol: http
              denied:
              - name: shutdown
            nameResolution:
              component: sqlite
              configuration:
                connectionString: names.db
            workflow:
              maxConcurrentWorkflowInvocations: 7
              maxConcurrentActivityInvocations: 8
              stateRetentionPolicy:
                anyTerminal: 1h
                failed: 24h
            """);

        Assert.Equal(new TracingSettings(0.25, new OtelSettings("collector:4317", false, false, "key=secret", TimeSpan.FromSeconds(3))), configuration.Tracing);
        Assert.False(configuration.MetricsEnabled);
        Assert.Equal([new ApiRule("state", "v1.0", "http")], configuration.AllowedApis);
        Assert.Equal([new ApiRule("shutdown", "v1.0", null)], configuration.DeniedApis);
        Assert.Equal("names.db", configuration.NameResolution?.Configuration["connectionString"]);
        Assert.Equal(new WorkflowSettings(TimeSpan.FromHours(1), TimeSpan.FromHours(24), TimeSpan.FromHours(1), 7, 8), configuration.Workflow);
        Assert.Empty(configuration.Warnings);
    }

    [Fact]
    public void A_later_file_wins_field_by_field()
    {
        var first = Write("tracing:\n  samplingRate: \"0.5\"\n  otel:\n    endpointAddress: one:4317");
        var second = Write("tracing:\n  samplingRate: \"1\"");

        var tracing = ConfigurationLoader.Load(new SidecarOptions { AppId = "shop", ConfigPaths = [first, second] }).Tracing;

        Assert.Equal((1, "one:4317"), (tracing.SamplingRate, tracing.Otel?.EndpointAddress));
    }

    [Fact]
    public void A_field_that_nobody_knows_is_warned_of_with_the_nearest_name()
    {
        var warning = Assert.Single(Load("tracing:\n  samplingrat: \"1\"").Warnings);

        Assert.EndsWith("line 7: unknown field \"spec.tracing.samplingrat\". Did you mean \"samplingRate\"?", warning);
    }

    [Fact]
    public void What_merely_has_no_effect_is_said() =>
        Assert.EndsWith("spec.logging has no effect in this sidecar.", Assert.Single(Load("logging:\n  apiLogging:\n    enabled: true").Warnings));

    [Theory]
    [InlineData("accessControl:\n  policies:\n  - appId: a", "spec.accessControl.policies is not served by this sidecar; give the apps tokens")]
    [InlineData("secrets:\n  scopes:\n  - storeName: a", "spec.secrets.scopes is not served by this sidecar; limit each secret store")]
    [InlineData("mtls:\n  enabled: true", "spec.mtls is not served by this sidecar, which is for one machine")]
    [InlineData("tracing:\n  samplingRate: \"2\"", "spec.tracing.samplingRate is \"2\"; allowed is a number from 0 to 1, in quotes.")]
    [InlineData("tracing:\n  otel:\n    endpointAddress: a:1\n    protocol: udp", "spec.tracing.otel.protocol is \"udp\"; allowed is grpc or http.")]
    public void What_would_weaken_security_or_is_wrong_stops_the_start(string spec, string message) =>
        Assert.Contains(message, Assert.Throws<SidecarStartException>(() => Load(spec)).Message);

    private SidecarConfiguration Load(string spec) => ConfigurationLoader.Load(new SidecarOptions { AppId = "shop", ConfigPaths = [Write(spec)] });

    private string Write(string spec)
    {
        var file = Path.Combine(_folder, $"{Guid.NewGuid():N}.yaml");
        File.WriteAllText(file, $"apiVersion: dapr.io/v1alpha1\nkind: Configuration\nmetadata:\n  name: config\nspec:\n  {spec.ReplaceLineEndings("\n  ")}\n");
        return file;
    }
}
