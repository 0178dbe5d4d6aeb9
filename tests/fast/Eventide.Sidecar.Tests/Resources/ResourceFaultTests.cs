using Eventide.Sidecar.Hosting;

namespace Eventide.Sidecar.Tests.Resources;

/// <summary>What a person reads who mistyped a component file.</summary>
public sealed class ResourceFaultTests : IAsyncDisposable
{
    private const string Good =
        """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata:
          name: store
        spec:
          type: state.sqlite
          version: v1
          metadata:
            - name: connectionString
              value: data/x.db
        """;

    private readonly SidecarFixture _fixture = new();

    [Theory]
    [InlineData("state.sqlite", "state.sqlit", "unknown type \"state.sqlit\". Did you mean \"state.sqlite\"?")]
    [InlineData("version: v1", "versoin: v1", "unknown field \"spec.versoin\". Did you mean \"version\"?")]
    [InlineData("name: connectionString", "name: conectionString", "needs the setting \"connectionString\"")]
    [InlineData("value: data/x.db", "secretKeyRef: { name: s, key: k }", "auth.secretStore names no store")]
    [InlineData("kind: Component", "kind: Componet", "unknown kind \"Componet\"")]
    [InlineData("  name: store", "  title: store", "\"metadata.name\" is missing")]
    [InlineData("spec:", "spec: [", "not readable as YAML")]
    public async Task The_start_stops_and_names_file_field_and_remedy(string text, string replacement, string expected)
    {
        _fixture.With("store.yaml", Good.Replace(text, replacement));
        var failure = await Assert.ThrowsAsync<SidecarStartException>(() => _fixture.StartSidecarAsync());
        Assert.Contains(expected, failure.Message);
        Assert.Contains("store.yaml", failure.Message);
    }

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();
}
