using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;
using Grpc.Core;

namespace Eventide.Sidecar.Tests.Secrets;

/// <summary>Secret stores, through the official client and over HTTP, and secrets in other components.</summary>
[Conformance]
public sealed class SecretsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nested_names_are_joined_and_every_secret_is_listed()
    {
        await using var sidecars = WithSecrets("""{"db":{"user":"ann","ports":[1,2]},"key":"k1"}""");
        using var dapr = sidecars.Client(await sidecars.StartAsync("shop"));

        Assert.Equal("ann", (await dapr.GetSecretAsync("secrets", "db:user", cancellationToken: Cancel))["db:user"]);
        var all = await dapr.GetBulkSecretAsync("secrets", cancellationToken: Cancel);
        Assert.Equal(["db:ports:0", "db:ports:1", "db:user", "key"], all.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task An_unknown_store_and_an_unknown_secret_are_errors_on_both_surfaces()
    {
        await using var sidecars = WithSecrets("""{"key":"k1"}""");
        var sidecar = await sidecars.StartAsync("shop");
        using var dapr = sidecars.Client(sidecar);
        using var http = new HttpClient { BaseAddress = sidecar.HttpEndpoint };

        await HttpAssert.IsErrorAsync(
            await http.GetAsync("/v1.0/secrets/none/key", Cancel), 401, "ERR_SECRET_STORE_NOT_FOUND", "failed finding secret store with key none");
        await HttpAssert.IsErrorAsync(await http.GetAsync("/v1.0/secrets/secrets/nope", Cancel), 500, "ERR_SECRET_GET",
            "failed getting secret with key nope from secret store secrets: secret nope not found");
        var failure = await Assert.ThrowsAsync<Dapr.DaprException>(() => dapr.GetSecretAsync("none", "key", cancellationToken: Cancel));
        Assert.Equal(StatusCode.InvalidArgument, Assert.IsType<RpcException>(failure.InnerException).StatusCode);
    }

    [Fact]
    public async Task A_component_may_take_a_setting_from_a_secret_and_a_missing_one_stops_the_start()
    {
        Target.NeedsOwnHost();
        await using var sidecars = WithSecrets("""{"file":"data/x.db"}""");
        sidecars.Resource("store.yaml", Store("file"));
        await sidecars.StartAsync("shop");
        Assert.True(File.Exists(Path.Combine(sidecars.Folder, "data/x.db")));

        sidecars.Resource("store.yaml", Store("fiel"));
        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => sidecars.StartAsync("other"));
        Assert.Contains("needs the secret \"fiel\"", failure.Message);
        Assert.Contains("store.yaml", failure.Message);
    }

    [Theory]
    [InlineData("", "PAYMENT_KEY", "k1")]
    [InlineData("PAYMENT_", "KEY", "k1")]
    [InlineData("", "DAPR_API_TOKEN", "")]
    [InlineData("DAPR_", "API_TOKEN", "")]
    [InlineData("APP_API_", "TOKEN", "")]
    public async Task The_environment_is_a_store_of_secrets_but_never_gives_out_the_sidecars_tokens(string prefix, string name, string expected)
    {
        await using var sidecars = new Sidecars().Component("env", "secretstores.local.env", ("prefix", prefix));
        using var dapr = sidecars.Client(await sidecars.StartAsync("shop", configure: options => options with
        {
            EnvironmentVariables = new Dictionary<string, string> { ["PAYMENT_KEY"] = "k1", ["DAPR_API_TOKEN"] = "t", ["APP_API_TOKEN"] = "t" },
        }), apiToken: "t");

        Assert.Equal(expected, (await dapr.GetSecretAsync("env", name, cancellationToken: Cancel))[name]);
        var all = await dapr.GetBulkSecretAsync("env", cancellationToken: Cancel);
        Assert.DoesNotContain("t", all.Values.SelectMany(secret => secret.Values));
    }

    private static Sidecars WithSecrets(string json)
    {
        var sidecars = new Sidecars().Component("secrets", "secretstores.local.file", ("secretsFile", "secrets.json"));
        File.WriteAllText(Path.Combine(sidecars.Folder, "secrets.json"), json);
        return sidecars;
    }

    private static string Store(string secret) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: store }
        spec:
          type: state.sqlite
          version: v1
          metadata:
          - name: connectionString
            secretKeyRef: { name: {{secret}}, key: {{secret}} }
        auth: { secretStore: secrets }
        """;
}
