using Eventide.Sidecar.Hosting;
using Eventide.Sidecar.Tests.Support;

namespace Eventide.Sidecar.Tests.Resources;

/// <summary>A fault in a resource file stops the start with a sentence that names the place and the remedy.</summary>
public sealed class ResourceTests
{
    [Theory]
    [InlineData("type: state.sqlite", "type: state.sqlit", "unknown type \"state.sqlit\". Did you mean \"state.sqlite\"?")]
    [InlineData("type: state.sqlite", "type: bindings.cron", "unknown type \"bindings.cron\". Known here: pubsub.")]
    [InlineData(
        "type: state.sqlite", "type: pubsub.azure.servicebus.topics",
        "component \"store\" (pubsub.azure.servicebus.topics) needs Azure and runs under Dapr only, not in the embedded sidecar; use another component file here.")]
    [InlineData("type: state.sqlite", "type: bindings.aws.kinesis", "needs AWS and runs under Dapr only")]
    [InlineData("  version: v1", "  versoin: v1", "line 6: unknown field \"spec.versoin\". Did you mean \"version\"?")]
    [InlineData("name: connectionString", "name: conectionString", "needs the setting \"connectionString\"")]
    [InlineData("name: synchronous", "name: synchronus", "unknown setting \"synchronus\". Did you mean \"synchronous\"?")]
    [InlineData("value: NORMAL", "value: MAYBE", "synchronous is \"MAYBE\"; allowed is one of FULL, NORMAL")]
    [InlineData("value: NORMAL", "secretKeyRef: { name: s, key: k }", "auth.secretStore names no store")]
    [InlineData("  name: store", "  title: store", "\"metadata.name\" is missing")]
    [InlineData("kind: Component", "kind: Componet", "unknown kind \"Componet\"")]
    [InlineData("spec:", "spec: [", "not readable as YAML")]
    public async Task A_fault_names_file_place_and_remedy(string right, string wrong, string expected)
    {
        await using var sidecars = new Sidecars().Resource("store.yaml", Store.Replace(right, wrong));

        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => sidecars.StartAsync("shop"));

        Assert.Contains("store.yaml", failure.Message);
        Assert.Contains(expected, failure.Message);
    }

    [Fact]
    public async Task Two_components_of_one_name_stop_the_start_unless_scopes_keep_them_apart()
    {
        await using var sidecars = new Sidecars().Resource("a.yaml", Store).Resource("b.yaml", Store + "\nscopes: [other]");
        await sidecars.StartAsync("shop");

        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => sidecars.StartAsync("other"));

        Assert.Contains("duplicate definition of Component name store", failure.Message);
    }

    [Theory]
    [InlineData("scopes: [other]", "")]
    [InlineData("", "  ignoreErrors: true")]
    public async Task A_type_that_is_not_served_is_left_out_when_it_is_not_for_this_app_or_may_fail(string scopes, string setting)
    {
        await using var sidecars = new Sidecars().Resource("cloud.yaml", $"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata:
              name: vehicle-readings
            spec:
              version: v1
              type: bindings.aws.kinesis
            {setting}
            {scopes}
            """);
        using var http = new HttpClient { BaseAddress = (await sidecars.StartAsync("shop")).HttpEndpoint };

        Assert.DoesNotContain("vehicle-readings", await http.GetStringAsync("/v1.0/metadata", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_component_of_another_namespace_is_not_loaded()
    {
        await using var sidecars = new Sidecars().Resource("a.yaml", Store.Replace("name: store", "name: store\n  namespace: prod"));
        using var http = new HttpClient { BaseAddress = (await sidecars.StartAsync("shop")).HttpEndpoint };

        Assert.DoesNotContain("state.sqlite", await http.GetStringAsync("/v1.0/metadata", TestContext.Current.CancellationToken));
    }

    private const string Store = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: store
        spec:
          version: v1
          type: state.sqlite
          metadata:
          - name: connectionString
            value: "{appID}.db"
          - name: synchronous
            value: NORMAL
        """;
}
